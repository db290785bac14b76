"""Breaking the real server while it works, and asking a ledger that it never saw whether it kept its word."""
