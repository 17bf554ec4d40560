# Samples with curved, level-dependent bias, ties and missing values that are more frequent at low levels.
# Quantile normalisation of all of it; fast cyclic loess of the complete rows. Run from this folder: Rscript make.R
suppressMessages(library(limma))
set.seed(20257)
n <- 150
level <- rnorm(n, 17, 2)
values <- outer(level, c(0, 0.4, -0.3, 0.1, 0.2), "+")
values[, 2] <- values[, 2] + 0.05 * (level - 17)^2
values[, 4] <- values[, 4] - 0.2 * (level - 17)
values <- round(values + rnorm(n * 5, sd = 0.2), 2)
values[matrix(runif(n * 5), n) < plogis(13.5 - values)] <- NA
values[11:13, 1] <- values[10, 1]
rownames(values) <- sprintf("feature%03d", 1:n)
colnames(values) <- sprintf("sample%d", 1:5)
quantile <- normalizeQuantiles(values, ties = TRUE)
complete <- rowSums(is.na(values)) == 0
loess <- values
loess[!complete, ] <- NA
loess[complete, ] <- normalizeCyclicLoess(values[complete, ], span = 0.7, iterations = 3, method = "fast")
colnames(quantile) <- paste0("quantile_", colnames(values))
colnames(loess) <- paste0("loess_", colnames(values))
expected <- cbind(quantile, loess)
text <- apply(expected, 2, function(column) ifelse(is.na(column), "", formatC(column, digits = 17, format = "g")))
write.csv(data.frame(feature = rownames(values), values), "input.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(data.frame(feature = rownames(values), text), "expected.csv", row.names = FALSE, quote = FALSE)
