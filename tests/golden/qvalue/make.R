# Few hundred p-values of which a fifth are small, with ties, and a p of 1; both estimates of the share of true nulls.
# Run from this folder: Rscript make.R
suppressMessages(library(qvalue))
set.seed(20254)
p <- c(rbeta(80, 0.2, 5), runif(317), 0.01, 0.01, 1)
digits <- function(x) formatC(x, digits = 17, format = "g")
name <- sprintf("test%03d", seq_along(p))
expected <- data.frame(test = name)
p <- as.numeric(digits(p))
boot <- qvalue(p, pi0.method = "bootstrap")
expected$q_bootstrap <- digits(boot$qvalues)
expected$share_null_bootstrap <- digits(boot$pi0)
write.csv(data.frame(test = name, p = digits(p)), "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
