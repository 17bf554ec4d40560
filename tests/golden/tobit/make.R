# Censored values with one value per animal: survreg, which has no random intercepts, is the limit of our model there. Right
# censored at one ceiling, at ceilings of each value, and at both ends. Run from this folder: Rscript make.R
suppressMessages(library(survival))
set.seed(20271)
n <- 40
d <- data.frame(row = 1:n, group = rep(0:1, n / 2), weight = round(rnorm(n, 28, 3), 1))
latent <- 290 - 50 * d$group - 3 * (d$weight - 28) + rnorm(n, 0, 50)
d$own <- rep(c(280, 300, 320, 340), n / 4)
d$one_ceiling <- round(pmin(latent, 300), 2)
d$own_ceiling <- round(pmin(latent, d$own), 2)
d$both <- round(pmax(pmin(latent, 300), 220), 2)
tight <- survreg.control(rel.tolerance = 1e-13, maxiter = 200)
fits <- list(
  one_ceiling = survreg(Surv(one_ceiling, one_ceiling < 300) ~ group + weight, d, dist = "gaussian", control = tight),
  own_ceiling = survreg(Surv(own_ceiling, own_ceiling < own) ~ group + weight, d, dist = "gaussian", control = tight),
  both = survreg(Surv(ifelse(both == 220, NA, both), ifelse(both == 300, NA, both), type = "interval2") ~ group + weight, d,
    dist = "gaussian", control = tight)
)
digits <- function(x) formatC(x, digits = 15, format = "g")
expected <- do.call(rbind, Map(function(name, m) data.frame(row = paste(name, names(coef(m)), sep = "/"), estimate = digits(coef(m)),
  se = digits(sqrt(diag(vcov(m)))[1:3]), log_likelihood = digits(m$loglik[2]), sd = digits(m$scale)), names(fits), fits))
write.csv(d, "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, as.character(packageVersion("survival")), "\n")
