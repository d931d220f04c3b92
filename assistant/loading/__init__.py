"""Files in, lines out: one reader for each format, each run under limits."""
