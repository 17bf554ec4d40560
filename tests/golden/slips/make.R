# Slips on a beam, totals of animals with their number of crossings as exposure: quasi-Poisson by glm, over-dispersed, and less
# dispersed than Poisson. glm does not hold the dispersion at one. Run from this folder: Rscript make.R
set.seed(20272)
n <- 20
d <- data.frame(row = 1:n, group = rep(0:1, n / 2), sex = rep(c(0, 0, 1, 1), n / 4), crossings = sample(4:9, n, TRUE))
mean <- d$crossings * exp(0.5 + 0.6 * d$group - 0.2 * d$sex)
d$over <- rnbinom(n, mu = mean, size = 2)
d$under <- round(mean + rnorm(n, 0, 0.7))
d$with_zeros <- rnbinom(n, mu = mean / 15, size = 1)
digits <- function(x) formatC(x, digits = 15, format = "g")
one <- function(name) {
  m <- glm(d[[name]] ~ group + sex + offset(log(crossings)), quasipoisson, d, control = glm.control(epsilon = 1e-14, maxit = 100))
  s <- summary(m)
  data.frame(row = paste(name, names(coef(m)), sep = "/"), estimate = digits(coef(m)), se = digits(s$coefficients[, 2]),
    t = digits(s$coefficients[, 3]), p = digits(s$coefficients[, 4]), dispersion = digits(s$dispersion), df = m$df.residual,
    deviance = digits(m$deviance))
}
expected <- do.call(rbind, lapply(c("over", "under", "with_zeros"), one))
write.csv(d, "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "\n")
