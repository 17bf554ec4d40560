# Biweight midcorrelation of every source with every target over individuals, complete and with 4 % of the values missing, and the
# secretion score of QENIE. With missing values WGCNA takes median, MAD and weights of each pair anew on the individuals that have
# both (quick = 0). A gene whose MAD is zero is taken as Pearson's correlation takes it; a constant one has none.
# Run from this folder: Rscript make.R
suppressMessages(library(WGCNA))
set.seed(20261126)
n <- 30
factors <- matrix(rnorm(3 * n), n)
genes <- function(m) round(8 + factors %*% matrix(rnorm(3 * m, 0, 0.6), 3) + matrix(rnorm(n * m), n), 6)
x <- genes(20)
y <- genes(25)
colnames(x) <- sprintf("s%02d", 1:20)
colnames(y) <- sprintf("t%02d", 1:25)
# Outliers, MAD of zero, ties, constants, one individual that stands out, and a source that is one of the targets.
x[3, 1] <- 30; x[c(4, 9), 2] <- c(-20, 25); y[7, 1] <- 60; y[1:6, 2] <- y[1:6, 2] + 9
x[1:18, 3] <- 5.5; y[8:26, 3] <- 0; x[1:29, 4] <- 7.25; y[1:29, 4] <- 1
x[, 5] <- round(x[, 5]); y[, 5] <- round(y[, 5]); x[, 6] <- 3; y[, 6] <- 3
x[, 20] <- 2 * y[, 25] + 1
holes <- function(table) { table[sample(length(table), round(0.04 * length(table)))] <- NA; table }
x_missing <- holes(x)
y_missing <- holes(y)
complete <- suppressWarnings(bicor(x, y, pearsonFallback = "individual", quick = 0))
missing <- suppressWarnings(
  bicor(x_missing, y_missing, use = "pairwise.complete.obs", pearsonFallback = "individual", quick = 0)
)
# As QENIE: mean -ln p over the targets that have one; infinite where a p is zero.
score <- rowMeans(-log(corPvalueStudent(complete, n)), na.rm = TRUE)
digits <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g"))
individuals <- sprintf("_%02d", 1:n)
input <- cbind(rbind(t(x), t(y)), rbind(t(x_missing), t(y_missing)))
colnames(input) <- c(paste0("complete", individuals), paste0("missing", individuals))
input <- data.frame(gene = c(colnames(x), colnames(y)), ifelse(is.na(input), "", input))
expected <- data.frame(gene = colnames(x), complete = digits(complete), missing = digits(missing), score = digits(score))
write.csv(input, "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
