"""What can be done in Handbell, one module per noun. Read the names aloud: they are the product.

Verbs that change an inbox are commands (see `feed.py`): plain functions over loaded state, carried out in a group
commit. Verbs about people, producers and topics are functions over a connection, because they are rare. Nothing outside
this folder writes a notification or numbers a change.
"""
