# Firth-penalised logistic regression: coefficients by brglm, test and interval by plain maximisation of the penalised
# likelihood over what is left (the package logistf, which does the same, is not in Debian). Run from this folder: Rscript make.R
suppressMessages(library(brglm))
set.seed(2002)
n <- 12
design <- cbind(intercept = 1, group = rep(0:1, each = 6), sex = rep(0:1, 6), dose = round(rnorm(n), 3))
offset <- round(rnorm(n, 0, 0.5), 3)
detected <- matrix(rbinom(40 * n, 1, rep(c(0.2, 0.5, 0.8, 0.9), each = 10)), 40)
# Groups apart; all but one; one only.
detected[1, ] <- rep(c(0, 1), each = 6)
detected[2, ] <- rep(c(1, 0), each = 6)
detected[3, ] <- c(0, rep(1, 11))
detected[4, ] <- c(rep(0, 11), 1)
detected <- detected[rowSums(detected) > 0 & rowSums(detected) < n, ]
rownames(detected) <- sprintf("feature%02d", seq_len(nrow(detected)))
colnames(detected) <- sprintf("sample%02d", 1:n)

penalised <- function(beta, y, x, o) {
  eta <- drop(o + x %*% beta)
  w <- dlogis(eta)
  sum(plogis(eta, log.p = TRUE) * y + plogis(-eta, log.p = TRUE) * (1 - y)) +
    0.5 * c(determinant(crossprod(x, w * x))$modulus)
}
gradient <- function(beta, y, x, o) {
  eta <- drop(o + x %*% beta)
  p <- plogis(eta)
  w <- dlogis(eta)
  h <- w * rowSums((x %*% solve(crossprod(x, w * x))) * x)
  drop(crossprod(x, y - p + h * (0.5 - p)))
}
# The highest penalised likelihood with the group coefficient fixed; from several starts, as it may have several tops.
profile <- function(value, y, x, o) {
  best <- -Inf
  for (start in list(c(0, 0, 0), c(2, 0, 0), c(-2, 0, 0), c(-value / 2, 0, 0))) {
    whole <- function(b) c(b[1], value, b[-1])
    fit <- optim(start, function(b) -penalised(whole(b), y, x, o), function(b) -gradient(whole(b), y, x, o)[-2],
      method = "BFGS", control = list(reltol = 1e-15, maxit = 2000))
    best <- max(best, -fit$value)
  }
  best
}
digits <- function(x) formatC(x, digits = 17, format = "g")
one <- function(y, x, o) {
  fit <- brglm.fit(x, y, offset = o, family = binomial(), pl = FALSE,
    control.brglm = brglm.control(br.epsilon = 1e-11, br.maxit = 5000))
  # brglm stops at seven digits; Newton steps with differences of the gradient give the rest.
  beta <- fit$coefficients
  for (i in 1:20) {
    curvature <- sapply(1:4, function(j) {
      step <- replace(rep(0, 4), j, 1e-5)
      (gradient(beta + step, y, x, o) - gradient(beta - step, y, x, o)) / 2e-5
    })
    beta <- beta - solve(curvature, gradient(beta, y, x, o))
  }
  stopifnot(max(abs(gradient(beta, y, x, o))) < 1e-11)
  worst <<- max(worst, abs(beta - fit$coefficients))
  top <- penalised(beta, y, x, o)
  statistic <- 2 * (top - profile(0, y, x, o))
  estimate <- beta[["group"]]
  excess <- function(value) 2 * (top - profile(value, y, x, o)) - qchisq(0.95, 1)
  end <- function(side) {
    far <- estimate + side * 2
    while (excess(far) < 0) far <- far + side
    uniroot(excess, sort(c(estimate, far)), tol = 1e-10)$root
  }
  c(estimate, end(-1), end(1), statistic, pchisq(statistic, 1, lower.tail = FALSE))
}
worst <- 0
expected <- data.frame(feature = rownames(detected))
for (kind in c("plain", "offset")) {
  o <- if (kind == "offset") offset else rep(0, n)
  found <- t(apply(detected, 1, one, x = design, o = o))
  for (j in 1:5) expected[[paste0(c("log_odds", "ci_low", "ci_high", "statistic", "p")[j], "_", kind)]] <- digits(found[, j])
}
write.csv(data.frame(feature = rownames(detected), detected), "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
cat("matrix = [", paste(apply(design, 1, function(r) paste0("[", paste(r, collapse = ", "), "]")), collapse = ", "), "]\n")
cat("offset = [", paste(offset, collapse = ", "), "]\n")
cat("brglm is off by at most", worst, "\n")
cat(R.version.string, as.character(packageVersion("brglm")), "\n")
