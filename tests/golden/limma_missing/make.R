# Values missing by abundance and by block, in a design that is not orthogonal. The contrast is a coefficient of the
# design, for then limma is exact. Columns *_contrasts come from contrasts.fit on the cell-means form of the same
# design, which limma documents as approximate with missing values. Run from this folder: Rscript make.R
# Two differences on purpose are written as NA here: features without a residual degree of freedom (limma tests them on
# the prior alone), and features whose measured samples do not determine the group effect (limma reports it with the
# aliased batch coefficient set aside).
suppressMessages(library(limma))
set.seed(20252)
n <- 300
group <- c(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1)
batch <- c(0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0)
design <- cbind(intercept = 1, group = group, batch = batch)
abundance <- rnorm(n, 20, 2)
sd <- (0.2 + 0.5 * exp(-(abundance - 17) / 3)) * sqrt(8 / rchisq(n, 8))
sd[sample(n, 6)] <- 4
y <- abundance + matrix(rnorm(n * 12), n) * sd + outer(rnorm(n, 0, 0.4), batch)
y[1:40, group == 1] <- y[1:40, group == 1] + 1.2
y <- round(y, 6)
y[matrix(runif(n * 12), n) < plogis(17.8 - y)] <- NA
y[101:110, batch == 0] <- NA
y[111:115, group == 1] <- NA
y[116, -8] <- NA
y[117, -3] <- NA
y[118, ] <- c(19, NA, NA, NA, NA, NA, 21, NA, NA, NA, NA, NA)
y[119, ] <- c(19, 19.5, 20, NA, NA, NA, 21, 21.5, NA, NA, NA, NA)
y[120, ] <- c(19, 20, NA, NA, NA, 21, NA, NA, NA, NA, NA, NA)
rownames(y) <- sprintf("feature%03d", 1:n)
colnames(y) <- sprintf("sample%02d", 1:12)
rank_of <- function(m) if (nrow(m) == 0) 0 else qr(m)$rank
testable <- apply(y, 1, function(row) {
  x <- design[!is.na(row), , drop = FALSE]
  nrow(x) > rank_of(x) && rank_of(rbind(x, c(0, 1, 0))) == rank_of(x)
})
digits <- function(x) ifelse(testable & !is.na(x), formatC(x, digits = 17, format = "g"), "")
fit <- suppressWarnings(lmFit(y, design))
expected <- data.frame(feature = rownames(y), effect = digits(fit$coefficients[, "group"]))
for (kind in c("plain", "trend", "robust", "trend_robust")) {
  e <- eBayes(fit, trend = grepl("trend", kind), robust = grepl("robust", kind))
  expected[[paste0("t_", kind)]] <- digits(e$t[, "group"])
  expected[[paste0("p_", kind)]] <- digits(e$p.value[, "group"])
  expected[[paste0("sd_", kind)]] <- digits(sqrt(rep_len(e$s2.post, n)))
  expected[[paste0("df_", kind)]] <- digits(rep_len(e$df.total, n))
}
cells <- cbind(control = 1 - group, case = group, batch = batch)
by_cells <- contrasts.fit(suppressWarnings(lmFit(y, cells)), c(-1, 1, 0))
expected$t_plain_contrasts <- digits(eBayes(by_cells)$t[, 1])
write.csv(data.frame(feature = rownames(y), y), "input.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
