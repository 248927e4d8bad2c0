"""A bot that is killed again and again while people talk to it, and what must hold afterwards.

`python -m tests.crash --kills N [--seed S]` prints its seed, one line per violation and one line of
summary, and ends with 1 where anything was violated. All choices (who asks what, what is filled in,
when to kill) come from the seed; what the kill meets does not: that is the operating system's.
"""
