"""The engine room: loading, numbering and storing what a group of commands does, in one transaction."""
