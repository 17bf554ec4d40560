# Test against a minimum effect, complete and with missing values, with every kind of prior. The contrast is a coefficient of
# the design, for then limma is exact with missing values. Run from this folder: Rscript make.R
# Written as NA on purpose: features without a residual degree of freedom (limma tests them on the prior alone). Features whose
# measured samples do not determine the group effect have no value at all here: treat stops on them.
suppressMessages(library(limma))
set.seed(20255)
n <- 250
group <- c(0, 0, 0, 0, 0, 1, 1, 1, 1, 1)
age <- c(0.2, -1, 0.6, 0.3, -0.4, 1.1, 0.5, -0.7, 0.9, 0.1)
design <- cbind(intercept = 1, group = group, age = age)
abundance <- rnorm(n, 20, 2)
sd <- (0.15 + 0.4 * exp(-(abundance - 17) / 3)) * sqrt(6 / rchisq(n, 6))
sd[sample(n, 6)] <- 3
y <- abundance + matrix(rnorm(n * 10), n) * sd
y[1:100, group == 1] <- y[1:100, group == 1] + rnorm(100, 0, 1.5)
y <- round(y, 6)
with_holes <- y
with_holes[matrix(runif(n * 10), n) < plogis(17.5 - y)] <- NA
with_holes[101, ] <- c(20, 20.5, NA, NA, NA, 22, NA, NA, NA, NA)
rank_of <- function(a) if (nrow(a) == 0) 0 else qr(a)$rank
determined <- apply(with_holes, 1, function(row) {
  x <- design[!is.na(row), , drop = FALSE]
  rank_of(rbind(x, c(0, 1, 0))) == rank_of(x)
})
with_holes[!determined, ] <- NA
testable <- apply(with_holes, 1, function(row) sum(!is.na(row)) > rank_of(design[!is.na(row), , drop = FALSE]))
digits <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g"))
expected <- data.frame(feature = sprintf("feature%03d", 1:n))
for (state in c("complete", "missing")) {
  values <- if (state == "missing") with_holes else y
  fit <- suppressWarnings(lmFit(values, design))
  show <- function(x) digits(ifelse(state == "complete" | testable, x, NA))
  expected[[paste0("effect_", state)]] <- show(fit$coefficients[, "group"])
  for (kind in c("plain", "trend", "robust", "trend_robust")) {
    # treat and its trend refuse a feature without any value.
    seen <- rowSums(!is.na(values)) > 0
    e <- treat(fit[seen, ], lfc = 0.5, trend = grepl("trend", kind), robust = grepl("robust", kind))
    t <- p <- rep(NA_real_, n)
    t[seen] <- e$t[, "group"]
    p[seen] <- e$p.value[, "group"]
    expected[[paste0("t_", state, "_", kind)]] <- show(t)
    expected[[paste0("p_", state, "_", kind)]] <- show(p)
  }
}
samples <- sprintf("sample%02d", 1:10)
colnames(y) <- paste0("complete_", samples)
colnames(with_holes) <- paste0("missing_", samples)
write.csv(data.frame(feature = expected$feature, y, with_holes), "input.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
