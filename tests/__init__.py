"""Handbell's tests: sentences about the product, held against real parts."""
