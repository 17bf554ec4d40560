# Libraries of different composition: one with a few features that take a third of it, one shallow, one with many zeros;
# features that are zero everywhere, and ties. Run from this folder: Rscript make.R
suppressMessages(library(edgeR))
set.seed(20254)
n <- 400
share <- rgamma(n, 0.5)
depth <- c(2e5, 1.5e5, 3e5, 2e4, 2.5e5, 1e5, 2e5, 1.8e5)
mu <- outer(share / sum(share), depth)
mu[1:6, 3] <- mu[1:6, 3] * 40
mu[7:60, 5] <- mu[7:60, 5] * 3
counts <- matrix(rnbinom(n * 8, mu = mu, size = 8), n)
counts[runif(n) < 0.5, 8] <- 0
counts[396:400, ] <- 0
rownames(counts) <- sprintf("gene%03d", 1:n)
colnames(counts) <- sprintf("sample%d", 1:8)
factors <- calcNormFactors(counts, method = "TMM")
expected <- data.frame(sample = colnames(counts), factor = formatC(factors, digits = 17, format = "g"))
write.csv(data.frame(gene = rownames(counts), counts), "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
