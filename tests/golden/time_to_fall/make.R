# Latency to fall with trials that end at the cut-off, several trials per animal and tied times: Kaplan-Meier curves with log-log
# intervals, of independent trials and clustered by animal, and a Cox model whose covariance is clustered by animal, ties by
# Breslow. Run from this folder: Rscript make.R
suppressMessages(library(survival))
set.seed(20273)
n <- 16
d <- data.frame(trial = rep(1:4, n), animal = rep(1:n, each = 4))
d$group <- d$animal %% 2
d$weight <- round(rnorm(n, 28, 3), 1)[d$animal]
latent <- rexp(nrow(d), exp(-5 + 0.8 * d$group + 0.05 * (d$weight - 28) + rnorm(n, 0, 0.5)[d$animal]))
# Rounded to 10 s, so that times are tied.
d$time <- pmin(ceiling(latent / 10) * 10, 300)
d$fell <- as.integer(latent < 300)
# An animal is taken off its rod before the end.
d$time[5] <- 60
d$fell[5] <- 0
d <- data.frame(row = seq_len(nrow(d)), d)
digits <- function(x) ifelse(is.na(x), "", formatC(x, digits = 15, format = "g"))
cox <- function() {
  m <- coxph(Surv(time, fell) ~ group + weight, d, cluster = animal, ties = "breslow", control = coxph.control(eps = 1e-11))
  s <- summary(m)$coefficients
  data.frame(row = paste0("cox/", rownames(s)), estimate = digits(s[, "coef"]), se = digits(s[, "robust se"]),
    naive_se = digits(s[, "se(coef)"]), log_likelihood = digits(m$loglik[2]), at_risk = "", survival = "", ci_low = "", ci_high = "")
}
curve <- function(group) {
  part <- d[d$group == group, ]
  m <- summary(survfit(Surv(time, fell) ~ 1, part, conf.type = "log-log"))
  r <- summary(survfit(Surv(time, fell) ~ 1, part, cluster = animal, conf.type = "log-log"))
  data.frame(row = paste0("curve", group, "/", m$time), estimate = "", se = digits(m$std.err), naive_se = "", log_likelihood = "",
    at_risk = m$n.risk, survival = digits(m$surv), ci_low = digits(m$lower), ci_high = digits(m$upper),
    clustered_se = digits(r$std.err), clustered_low = digits(r$lower), clustered_high = digits(r$upper))
}
expected <- rbind(data.frame(cox(), clustered_se = "", clustered_low = "", clustered_high = ""), curve(0), curve(1))
write.csv(d, "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, as.character(packageVersion("survival")), "\n")
