"""The real parts the tests are made of: servers, databases, a bad network, and a ledger that nobody can argue with.

Nothing in here knows how the product works inside. It starts what a person would start, breaks what can break, and
speaks to the product through its command line and its HTTP interface only.
"""
