"""What the assistant knows: no network, no database, no chat."""

from knowledge.entries import Knowledge
from knowledge.finding import Found, Hit, find
from knowledge.loading import load
from knowledge.problems import KnowledgeError, Problem

__all__ = ["Found", "Hit", "Knowledge", "KnowledgeError", "Problem", "find", "load"]
