# Few features whose variances scatter no more than chance: the prior degrees of freedom are infinite, plain and robust.
# Twenty-five features: the spline of the trend has three degrees of freedom. Run from this folder: Rscript make.R
suppressMessages(library(limma))
set.seed(20255)
n <- 25
design <- cbind(intercept = 1, group = rep(0:1, each = 4))
y <- round(rnorm(n, 15, 2) + matrix(rnorm(n * 8), n), 6)
# A cap on the spread of the variances, so that they are more alike than chance.
y <- round(rowMeans(y) + (y - rowMeans(y)) / apply(y, 1, sd)^0.7, 6)
y[7, ] <- round(y[7, ] * 3, 6)
rownames(y) <- sprintf("feature%02d", 1:n)
colnames(y) <- sprintf("sample%d", 1:8)
fit <- lmFit(y, design)
digits <- function(x) formatC(x, digits = 17, format = "g")
expected <- data.frame(feature = rownames(y), effect = digits(fit$coefficients[, "group"]))
for (kind in c("plain", "trend", "robust", "trend_robust")) {
  e <- eBayes(fit, trend = grepl("trend", kind), robust = grepl("robust", kind))
  cat(kind, range(e$df.prior), "\n")
  expected[[paste0("t_", kind)]] <- digits(e$t[, "group"])
  expected[[paste0("p_", kind)]] <- digits(e$p.value[, "group"])
  expected[[paste0("sd_", kind)]] <- digits(sqrt(rep_len(e$s2.post, n)))
  expected[[paste0("df_", kind)]] <- digits(rep_len(e$df.total, n))
}
write.csv(data.frame(feature = rownames(y), y), "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
