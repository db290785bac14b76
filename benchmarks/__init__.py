"""`python -m benchmarks`: how fast Handbell is, beside two servers that do the same job in the usual way."""
