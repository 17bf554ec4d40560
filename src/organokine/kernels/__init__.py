"""Kernels: arrays in, arrays out. They import NumPy and SciPy only."""
