"""Who is asking: passwords, the tokens and keys we hand out, and the JWTs of an organisation's own issuer.

Everything here is a pure answer to "is this proof good?". Nothing knows a table, a request or a socket; whoever
calls looks the user, the device or the producer up and decides what they may do.
"""
