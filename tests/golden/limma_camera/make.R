# Gene sets with correlated genes: camera with estimated and with preset correlation, by means and by ranks, and cameraPR on given
# statistics, which needs no conversion of t to z. Run from this folder: Rscript make.R
suppressMessages(library(limma))
set.seed(20256)
n <- 400
group <- c(0, 0, 0, 0, 1, 1, 1, 1)
sex <- c(0, 1, 0, 1, 1, 0, 0, 1)
design <- cbind(intercept = 1, sex = sex, group = group)
factors <- matrix(rnorm(5 * 8), 5)
loading <- matrix(rnorm(n * 5, 0, 0.3), n)
loading[1:30, 1] <- 1
loading[31:60, 2] <- 0.7
y <- rnorm(n, 8, 2) + loading %*% factors + matrix(rnorm(n * 8, 0, 0.8), n)
y[61:90, group == 1] <- y[61:90, group == 1] + 0.8
y[41:60, group == 1] <- y[41:60, group == 1] - 0.8
y <- round(y, 6)
rownames(y) <- sprintf("gene%03d", 1:n)
sets <- list(
  correlated = 1:30, correlated_down = 31:60, up = 61:90, both = 50:75, random = sample(n, 40), large = sample(n, 250),
  pair = c(7, 200), single = 65, opposed = c(which(loading[, 3] > 0.4), which(loading[, 3] < -0.4)), all_but_two = 3:n
)
stat <- round(rnorm(n) + 0.8 * ((1:n) %in% 61:90), 4)
stat[101:110] <- stat[111:120]
members <- sapply(sets, function(s) as.integer(seq_len(n) %in% s))
colnames(members) <- paste0("set_", names(sets))
digits <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g"))
up <- function(t) ifelse(t$Direction == "Up", 1, -1)
estimated <- camera(y, sets, design, contrast = 3, inter.gene.cor = NA, sort = FALSE)
ranks <- camera(y, sets, design, contrast = 3, inter.gene.cor = NA, use.ranks = TRUE, sort = FALSE)
preset <- camera(y, sets, design, contrast = 3, inter.gene.cor = 0.01, sort = FALSE)
preset_ranks <- camera(y, sets, design, contrast = 3, inter.gene.cor = 0.01, use.ranks = TRUE, sort = FALSE)
given <- cameraPR(stat, sets, inter.gene.cor = 0.05, sort = FALSE)
given_ranks <- cameraPR(stat, sets, use.ranks = TRUE, inter.gene.cor = 0.05, sort = FALSE)
expected <- data.frame(
  set = names(sets), n = estimated$NGenes, correlation = digits(estimated$Correlation),
  direction = up(estimated), p_estimated = digits(estimated$PValue), p_preset = digits(preset$PValue),
  p_ranks = digits(ranks$PValue), p_preset_ranks = digits(preset_ranks$PValue),
  direction_given = up(given), p_given = digits(given$PValue), p_given_ranks = digits(given_ranks$PValue)
)
colnames(y) <- sprintf("sample%d", 1:8)
write.csv(data.frame(gene = rownames(y), y, stat = stat, members), "input.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
