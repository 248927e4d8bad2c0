"""The database. Every query is read where it is written: one module per group of queries.

A query is an async function whose first argument is a connection; `Store.write` and `Store.read`
hand it one. Nothing here reads a clock, sends anything or knows a channel.
"""
