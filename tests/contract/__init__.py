"""Both halves of Handbell in one process, without a network between them."""
