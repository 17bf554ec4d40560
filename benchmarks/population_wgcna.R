# The secretion score as QENIE computes it: WGCNA's bicor, corPvalueStudent and the row means of -log p.
#
#     Rscript population_wgcna.R source target scores n_individuals n_sources n_targets rounds
#
# source and target are raw doubles, individuals running fastest; scores are written the same way. Prints the BLAS in use, then
# the least processor and wall time in seconds of bicor and of the whole, and the peak memory of the process in GB.
suppressMessages(library(WGCNA))
invisible(disableWGCNAThreads())
given <- commandArgs(TRUE)
n <- as.integer(given[4:7])
x <- matrix(readBin(given[1], "double", n[1] * n[2]), n[1])
y <- matrix(readBin(given[2], "double", n[1] * n[3]), n[1])
spent <- function(before) { now <- proc.time() - before; c(cpu = sum(now[1:2]), wall = now[[3]]) }
rounds <- replicate(n[4], {
  before <- proc.time()
  r <- bicor(x, y, nThreads = 1)
  correlated <- spent(before)
  score <- rowSums(-log(corPvalueStudent(r, n[1]))) / n[3]
  whole <- spent(before)
  rm(r)
  writeBin(score, given[3])
  c(correlated, whole)
})
peak <- as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024^2
cat(extSoftVersion()[["BLAS"]], "\n")
cat(apply(rounds, 1, min), peak, "\n")
