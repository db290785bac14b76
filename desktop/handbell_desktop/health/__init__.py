"""What may be wrong with a bell that does not ring, and finding it."""
