"""A broadcast under fire: the real bot process, killed again and again, against a strict Telegram.

The server, a process of its own, counts what really arrived in each chat; the database says what
the bot believes. Its rule: after every kill no more than what was in flight may be in doubt, and at
the end both sides agree person by person.

`python -m tests.crash_broadcast` is the full run: 5,000 chats, 60 kills. `--does edit` and `--does
withdraw` do the same to what changes messages that were sent before.
"""
