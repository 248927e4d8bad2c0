"""The acts of staff, for every way in: chat commands, the web console, the command line.

Each act is one async function whose first argument is a connection, so `Store.write` makes it one
transaction: the right is checked, the thing changed and the audit line written together, or nothing
of it. An act that cannot be done raises one of `refusals`; who calls decides how to say so.
"""
