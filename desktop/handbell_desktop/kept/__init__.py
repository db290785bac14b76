"""What this device keeps on its disk: what it knows, what was chosen, what is remembered."""
