"""Evidence lines: one file each, one line in `LINES`."""
