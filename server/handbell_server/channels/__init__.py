"""Ways out of this server to where nobody has a socket open. Nothing in here knows the database or the loop."""
