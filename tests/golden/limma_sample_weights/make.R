# Complete values; sample 3 three times and sample 9 twice as noisy as the others, sample 5 half as noisy.
# Run from this folder: Rscript make.R
# tol = 0 lets limma iterate until its steps are rounding (it says so in a warning, left out here).
suppressMessages(library(limma))
set.seed(20256)
n <- 200
group <- rep(0:1, c(4, 5))
batch <- c(0, 1, 0, 1, 1, 0, 1, 0, 0)
design <- cbind(intercept = 1, group = group, batch = batch)
noise <- c(1, 1, 3, 1, 0.5, 1, 1, 1, 2)
y <- rnorm(n, 20, 2) + matrix(rnorm(n * 9), n) * outer(sqrt(6 / rchisq(n, 6)), noise)
y[1:30, group == 1] <- y[1:30, group == 1] + 1.5
y <- round(y, 6)
y[200, ] <- 17
rownames(y) <- sprintf("feature%03d", 1:n)
colnames(y) <- sprintf("sample%d", 1:9)
digits <- function(x) formatC(x, digits = 17, format = "g")
expected <- data.frame(sample = colnames(y))
for (prior in c(0, 10, 100)) {
  w <- suppressWarnings(arrayWeights(y, design, method = "reml", prior.n = prior, maxiter = 2000, tol = 0))
  expected[[paste0("prior_", prior)]] <- digits(w)
}
few <- y[1:6, ]
w <- suppressWarnings(arrayWeights(few, design, method = "reml", maxiter = 2000, tol = 0))
expected$six_features <- digits(w)
write.csv(data.frame(feature = rownames(y), y), "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
