# Repeated samples of animals that are nested in groups, unequally many, with a batch that is not orthogonal: complete, with
# missing values, and with precision weights. Run from this folder: Rscript make.R
# correlation_*: REML estimate of each feature by statmod, iterated far beyond the 20 steps that duplicateCorrelation allows;
# limma_*: the estimate inside duplicateCorrelation. consensus_*: the number that the tests of this file were given.
# Written as NA on purpose: features without a residual degree of freedom (limma tests them on the prior alone).
suppressMessages({library(limma); library(statmod)})
set.seed(20254)
n <- 300
animal <- c(1, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6, 7, 7, 8, 8)
group <- as.numeric(animal > 4)
batch <- c(0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1)
design <- cbind(intercept = 1, group = group, batch = batch)
m <- length(animal)
between <- matrix(rnorm(n * 8), n)[, animal]
y <- rnorm(n, 20, 2) + (0.7 * between + 0.7 * matrix(rnorm(n * m), n)) * sqrt(6 / rchisq(n, 6))
y[1:30, group == 1] <- y[1:30, group == 1] + 1.5
y <- round(y, 6)
holes <- matrix(runif(n * m), n) < rbeta(n, 0.6, 2.5)
with_holes <- y
with_holes[holes] <- NA
with_holes[50, ] <- NA
with_holes[51, group == 1] <- NA
with_holes[52, ] <- c(19, NA, NA, NA, 20, NA, NA, NA, 21, NA, NA, NA, NA, NA, NA, NA)
weights <- round(matrix(rgamma(n * m, 4), n) / 4 + 0.05, 6)
testable <- apply(with_holes, 1, function(row) {
  x <- design[!is.na(row), , drop = FALSE]
  rank_of <- function(a) if (nrow(a) == 0) 0 else qr(a)$rank
  nrow(x) > rank_of(x) && rank_of(rbind(x, c(0, 1, 0))) == rank_of(x)
})
digits <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g"))
alone <- function(row, w) {
  o <- !is.na(row)
  a <- factor(animal[o])
  if (sum(o) <= 5 || nlevels(a) < 2 || nlevels(a) >= sum(o) - 1) return(NA)
  s <- tryCatch(suppressWarnings(mixedModel2Fit(row[o], design[o, , drop = FALSE], model.matrix(~ 0 + a),
    if (is.null(w)) NULL else w[o], only.varcomp = TRUE, tol = 1e-15, maxit = 5000)$varcomp), error = function(e) NA)
  if (is.na(s[1])) NA else s[2] / sum(s)
}
lowest <- 1 / (1 - max(table(animal))) + 0.01
expected <- data.frame(feature = sprintf("feature%03d", 1:n))
rownames(y) <- rownames(with_holes) <- expected$feature
for (kind in c("complete", "missing", "weighted")) {
  values <- if (kind == "missing") with_holes else y
  w <- if (kind == "weighted") weights else NULL
  tested <- if (kind == "missing") testable else rep(TRUE, n)
  found <- suppressWarnings(duplicateCorrelation(values, design, block = animal, weights = w))
  r <- found$consensus.correlation
  own <- vapply(1:n, function(i) as.numeric(alone(values[i, ], if (is.null(w)) NULL else w[i, ])), 0)
  fit <- suppressWarnings(lmFit(values, design, block = animal, correlation = r, weights = w))
  e <- eBayes(fit)
  show <- function(x) digits(ifelse(tested, x, NA))
  expected[[paste0("consensus_", kind)]] <- digits(rep(r, n))
  expected[[paste0("limma_", kind)]] <- digits(tanh(found$atanh.correlations))
  expected[[paste0("correlation_", kind)]] <- digits(pmin(pmax(own, lowest), 0.99))
  expected[[paste0("effect_", kind)]] <- show(fit$coefficients[, "group"])
  expected[[paste0("t_", kind)]] <- show(e$t[, "group"])
  expected[[paste0("p_", kind)]] <- show(e$p.value[, "group"])
  expected[[paste0("sd_", kind)]] <- show(sqrt(e$s2.post))
  expected[[paste0("df_", kind)]] <- show(rep_len(e$df.total, n))
}
samples <- sprintf("sample%02d", 1:m)
colnames(y) <- paste0("complete_", samples)
colnames(with_holes) <- paste0("missing_", samples)
colnames(weights) <- paste0("weight_", samples)
write.csv(data.frame(feature = expected$feature, y, with_holes, weights), "input.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
