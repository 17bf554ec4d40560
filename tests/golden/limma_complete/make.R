# Complete data with the mess of real proteomics: noise that falls with abundance, a few features of huge variance, ties,
# a constant feature, an unbalanced design with a numeric covariate. Run from this folder: Rscript make.R
suppressMessages(library(limma))
set.seed(20251)
n <- 300
group <- c(0, 0, 0, 0, 1, 1, 1, 1, 1, 1)
batch <- c(0, 1, 0, 1, 1, 0, 0, 1, 1, 1)
weight <- c(24.1, 25.3, 23.8, 26, 29.4, 31.2, 28.8, 30.5, 33.1, 29.9)
design <- cbind(intercept = 1, group = group, batch = batch, weight = weight - mean(weight))
abundance <- rnorm(n, 22, 2.5)
sd <- (0.15 + 0.6 * exp(-(abundance - 18) / 3)) * sqrt(6 / rchisq(n, 6))
sd[sample(n, 8)] <- 4
y <- abundance + matrix(rnorm(n * 10), n) * sd
y[1:30, group == 1] <- y[1:30, group == 1] + rnorm(30, 0, 1.5)
y[31:150, ] <- y[31:150, ] + outer(rnorm(120, 0, 0.5), batch)
y <- round(y, 6)
y[200, ] <- 21.5
y[201:205, ] <- round(y[201:205, ])
rownames(y) <- sprintf("feature%03d", 1:n)
colnames(y) <- sprintf("sample%02d", 1:10)
fit <- lmFit(y, design)
digits <- function(x) formatC(x, digits = 17, format = "g")
expected <- data.frame(feature = rownames(y), effect = digits(fit$coefficients[, "group"]))
for (kind in c("plain", "trend", "robust", "trend_robust")) {
  e <- eBayes(fit, trend = grepl("trend", kind), robust = grepl("robust", kind))
  expected[[paste0("t_", kind)]] <- digits(e$t[, "group"])
  expected[[paste0("p_", kind)]] <- digits(e$p.value[, "group"])
  expected[[paste0("sd_", kind)]] <- digits(sqrt(e$s2.post))
  expected[[paste0("df_", kind)]] <- digits(rep_len(e$df.total, n))
}
write.csv(data.frame(feature = rownames(y), y), "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
