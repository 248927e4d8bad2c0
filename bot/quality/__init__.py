"""How good the answers are, and what would make them better: tools for authors and testers.

Nothing here changes the knowledge or the database: every tool reads, judges and reports.
"""
