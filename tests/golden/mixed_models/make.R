# Random-intercept models of behaviour tests by lme4 (REML) with Satterthwaite's degrees of freedom of lmerTest, and the linear
# model where there is one trial per animal. Run from this folder: Rscript make.R
suppressMessages(library(lmerTest))
set.seed(20270)
layout <- function(n, trials, per_cage) {
  d <- expand.grid(trial = seq_len(trials), day = 1:3, animal = seq_len(2 * n))
  d$cage <- (d$animal - 1) %/% per_cage + 1
  d$group <- d$animal %% 2
  d$sex <- (d$animal %/% 2) %% 2
  d$weight <- round(rnorm(2 * n, 28, 3), 1)[d$animal] + 4 * d$group
  d
}
fill <- function(d, animal_sd, cage_sd, effect = -30) {
  d$value <- round(150 + effect * d$group + 12 * (d$day - 2) - 5 * d$group * (d$day - 2) + rnorm(max(d$animal), 0, animal_sd)[d$animal] +
    rnorm(max(d$cage), 0, cage_sd)[d$cage] + rnorm(nrow(d), 0, 25), 3)
  d
}
drop_out <- function(d) {
  # One animal leaves after the first day, one misses the last, and trials are missing here and there.
  d$value[d$animal == 3 & d$day > 1 | d$animal == 6 & d$day == 3 | runif(nrow(d)) < 0.1] <- NA
  d
}
cases <- list(
  balanced = fill(layout(4, 3, 2), 30, 0),
  drop_outs = drop_out(fill(layout(4, 3, 2), 30, 0)),
  covariates = drop_out(fill(layout(8, 3, 4), 30, 0)),
  cages = fill(layout(12, 2, 3), 20, 25),
  cages_drop_outs = drop_out(fill(layout(12, 2, 3), 20, 25)),
  large_variance = fill(layout(6, 1, 2), 300, 0)
)
# No animal differs: the estimated variance between them is zero.
repeat {
  flat <- drop_out(fill(layout(4, 3, 2), 0, 0))
  if (isSingular(suppressMessages(lmer(value ~ group * I(day - 2) + (1 | animal), flat)))) break
}
cases$boundary <- flat
one <- layout(8, 1, 4)
cases$one_trial <- fill(one[one$day == 1, ], 20, 0)
formulas <- list(
  balanced = value ~ group * centred + (1 | animal), drop_outs = value ~ group * centred + (1 | animal),
  covariates = value ~ group * centred + sex + weight + (1 | animal),
  cages = value ~ group * centred + (1 | cage / animal), cages_drop_outs = value ~ group * centred + (1 | cage / animal),
  large_variance = value ~ group * centred + (1 | animal), boundary = value ~ group * centred + (1 | animal),
  one_trial = value ~ group + weight
)
digits <- function(x) ifelse(is.na(x), "", formatC(x, digits = 12, format = "g"))
expected <- NULL
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11))
for (name in names(cases)) {
  d <- cases[[name]]
  d$centred <- d$day - 2
  f <- formulas[[name]]
  if (name == "one_trial") {
    m <- lm(f, d)
    s <- summary(m)$coefficients
    found <- data.frame(estimate = s[, 1], se = s[, 2], df = m$df.residual, t = s[, 3], p = s[, 4], ci_low = confint(m)[, 1],
      ci_high = confint(m)[, 2], log_likelihood = c(logLik(m)), cage = NA, subject = NA, residual = summary(m)$sigma^2)
  } else {
    m <- suppressMessages(lmer(f, d, control = tight))
    s <- summary(m)$coefficients
    v <- as.data.frame(VarCorr(m))
    of <- function(group) if (any(v$grp == group)) v$vcov[v$grp == group] else NA
    animal <- if (any(v$grp == "animal:cage")) of("animal:cage") else of("animal")
    reach <- qt(0.975, s[, 3]) * s[, 2]
    found <- data.frame(estimate = s[, 1], se = s[, 2], df = s[, 3], t = s[, 4], p = s[, 5], ci_low = s[, 1] - reach,
      ci_high = s[, 1] + reach, log_likelihood = c(logLik(m)), cage = of("cage"), subject = animal, residual = of("Residual"))
  }
  found <- data.frame(lapply(found, digits))
  expected <- rbind(expected, data.frame(row = paste(name, rownames(s), sep = "/"), case = name, found))
}
input <- do.call(rbind, Map(function(name, d) data.frame(case = name, d[, c("animal", "cage", "group", "sex", "weight", "day", "trial", "value")]),
  names(cases), cases))
input <- data.frame(row = seq_len(nrow(input)), input)
write.csv(input, "input.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, as.character(packageVersion("lme4")), as.character(packageVersion("lmerTest")), "\n")
