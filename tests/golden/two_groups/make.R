# Two groups with one value per animal: t tests, Hedges' g with the exact interval by the noncentral t, and the power of a t test
# (group = case, n per group). Run from this folder: Rscript make.R
set.seed(20274)
sizes <- list(small = c(3, 4), equal = c(6, 6), unequal = c(9, 5), far = c(8, 8))
shift <- c(small = 1, equal = 0.2, unequal = -1.5, far = 6)
input <- do.call(rbind, lapply(names(sizes), function(name) {
  n <- sizes[[name]]
  data.frame(set = name, group = rep(c("case", "control"), n),
    value = round(c(rnorm(n[1], shift[[name]], 2), rnorm(n[2])), 4))
}))
input <- data.frame(row = seq_len(nrow(input)), input)
digits <- function(x) formatC(x, digits = 15, format = "g")
one <- function(name) {
  x <- input$value[input$set == name & input$group == "case"]
  y <- input$value[input$set == name & input$group == "control"]
  w <- t.test(x, y)
  e <- t.test(x, y, var.equal = TRUE)
  df <- e$parameter
  size <- sqrt(1 / length(x) + 1 / length(y))
  g <- exp(lgamma(df / 2) - lgamma((df - 1) / 2)) * sqrt(2 / df) * e$statistic * size
  limit <- function(p) uniroot(function(ncp) pt(e$statistic, df, ncp) - p, c(-30, 30), tol = 1e-11)$root * size
  found <- c(welch_df = w$parameter, welch_t = w$statistic, welch_p = w$p.value, welch_low = w$conf.int[1], welch_high = w$conf.int[2],
    df = df, t = e$statistic, p = e$p.value, low = e$conf.int[1], high = e$conf.int[2], g = g, g_low = limit(0.975), g_high = limit(0.025))
  names(found) <- c("welch_df", "welch_t", "welch_p", "welch_low", "welch_high", "df", "t", "p", "low", "high", "g", "g_low", "g_high")
  c(found, animals = NA, power = NA, smallest = NA)
}
empty <- function(...) {
  found <- rep(NA, 16)
  names(found) <- names(one("equal"))
  given <- c(...)
  found[names(given)] <- given
  found
}
planned <- function(difference, sd, n) empty(
  animals = ceiling(power.t.test(delta = difference, sd = sd, power = 0.8, strict = TRUE)$n),
  power = power.t.test(n = n, delta = difference, sd = sd, strict = TRUE)$power,
  smallest = power.t.test(n = n, sd = sd, power = 0.8, strict = TRUE)$delta
)
rows <- c(lapply(names(sizes), one), list(planned(30, 40, 4), planned(60, 40, 8), planned(10, 40, 12), planned(200, 40, 3)))
names(rows) <- c(names(sizes), "plan/30/40/4", "plan/60/40/8", "plan/10/40/12", "plan/200/40/3")
expected <- as.data.frame(do.call(rbind, rows))
expected[] <- lapply(expected, function(x) ifelse(is.na(x), "", digits(x)))
write.csv(input, "input.csv", row.names = FALSE, quote = FALSE)
write.csv(data.frame(row = names(rows), expected), "expected.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "\n")
