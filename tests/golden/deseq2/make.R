# Overdispersed counts of 800 genes, 4 against 4, a batch that is not orthogonal, libraries from half to twice the mean.
# Genes 781 to 790 have one count a hundred times too large; 791 to 795 are zero; 796 to 800 are zero in one group.
# A second design has a numeric covariate instead of the batch. Run from this folder: Rscript make.R
suppressMessages(library(DESeq2))
set.seed(20257)
n <- 800
group <- rep(0:1, each = 4)
batch <- c(0, 0, 0, 1, 0, 1, 1, 1)
age <- c(-1.2, 0.3, 0.8, -0.4, 1.1, -0.9, 0.2, 0.1)
mean_count <- exp(rnorm(n, 5, 1.5))
dispersion <- (0.05 + 2 / mean_count) * exp(rnorm(n, 0, 0.4))
depth <- c(0.5, 1, 0.8, 1.2, 2, 1, 0.7, 1.1)
log2fc <- c(rnorm(120, 0, 1.5), rep(0, n - 120))
mu <- outer(mean_count, depth) * 2^outer(log2fc, group) * exp(outer(rnorm(n, 0, 0.3), batch))
counts <- matrix(rnbinom(n * 8, mu = mu, size = 1 / dispersion), n)
for (i in 781:790) counts[i, 1 + i %% 8] <- (counts[i, 1 + i %% 8] + 10) * 100
counts[791:795, ] <- 0
counts[796:800, group == 0] <- 0
rownames(counts) <- sprintf("gene%03d", 1:n)
colnames(counts) <- sprintf("sample%d", 1:8)
digits <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g"))
expected <- data.frame(gene = rownames(counts))
designs <- list(group = cbind(intercept = 1, group), batch = cbind(intercept = 1, group, batch), age = cbind(intercept = 1, group, age))
for (name in names(designs)) {
  sheet <- data.frame(row.names = colnames(counts), group, batch, age)
  dds <- suppressMessages(DESeqDataSetFromMatrix(counts, sheet, designs[[name]]))
  dds <- suppressMessages(DESeq(dds, quiet = TRUE))
  r <- results(dds, name = "group", independentFiltering = FALSE)
  expected[[paste0("effect_", name)]] <- digits(r$log2FoldChange)
  expected[[paste0("se_", name)]] <- digits(r$lfcSE)
  expected[[paste0("t_", name)]] <- digits(ifelse(is.na(r$pvalue), NA, r$stat))
  expected[[paste0("p_", name)]] <- digits(r$pvalue)
  expected[[paste0("q_", name)]] <- digits(r$padj)
}
write.csv(data.frame(gene = rownames(counts), counts), "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
