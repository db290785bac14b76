"""What both halves of Handbell agree on: the records that travel, and the rules that make them converge.

Nothing here knows the server, the desktop, a database or a network. `connection.py` alone speaks Socket.IO, for
the programs that listen.
"""
