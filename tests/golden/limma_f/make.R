# Several coefficients tested together. Run from this folder: Rscript make.R
# f_complete_*: three time points against the first, beside a batch. f_missing: all four means zero, with missing values, in the
# cell-means design, where limma is exact (the coefficients are uncorrelated whatever is missing); a feature without any value
# at a time point has NA. f_missing_coded: the three differences with missing values, where limma takes the correlation of
# the coefficients from the complete design. Written as NA: features without a residual degree of freedom.
suppressMessages(library(limma))
set.seed(20256)
n <- 250
time <- rep(1:4, c(3, 4, 3, 4))
batch <- c(0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0)
coded <- cbind(1, time == 2, time == 3, time == 4, batch)
cells <- outer(time, 1:4, "==") * 1
y <- matrix(rnorm(n * 14), n) * sqrt(6 / rchisq(n, 6)) * 0.5
y[1:50, ] <- y[1:50, ] + (0.3 * matrix(rnorm(200), 50))[, time]
y <- round(y, 6)
with_holes <- y
with_holes[matrix(runif(n * 14), n) < rbeta(n, 0.8, 3)] <- NA
with_holes[51, time == 3] <- NA
with_holes[52, -c(1, 4, 8, 11)] <- NA
with_holes[53, ] <- NA
digits <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g"))
expected <- data.frame(feature = sprintf("feature%03d", 1:n))
fit <- lmFit(y, coded)
for (k in 2:4) expected[[paste0("effect_", k)]] <- digits(fit$coefficients[, k])
for (kind in c("plain", "trend", "robust", "trend_robust")) {
  e <- eBayes(fit, trend = grepl("trend", kind), robust = grepl("robust", kind))[, 2:4]
  expected[[paste0("f_complete_", kind)]] <- digits(e$F)
  expected[[paste0("p_complete_", kind)]] <- digits(e$F.p.value)
}
by_cells <- suppressWarnings(lmFit(with_holes, cells))
none_left <- by_cells$df.residual == 0
e <- eBayes(by_cells)
expected$f_missing <- digits(ifelse(none_left, NA, e$F))
expected$p_missing <- digits(ifelse(none_left, NA, e$F.p.value))
by_code <- suppressWarnings(lmFit(with_holes, coded[, 1:4]))
expected$f_missing_coded <- digits(ifelse(none_left, NA, eBayes(by_code)[, 2:4]$F))
samples <- sprintf("sample%02d", 1:14)
colnames(y) <- paste0("complete_", samples)
colnames(with_holes) <- paste0("missing_", samples)
write.csv(data.frame(feature = expected$feature, y, with_holes), "input.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
