"""What is wrong with the knowledge base, told to the person who edits it.

Messages are Vietnamese because their readers are officers, and stand in code because the YAML
that carries every other sentence may be the very thing that is broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NO_FOLDER = "."  # the file named where the folder as a whole could not be read


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend: where it is, what is wrong, and what to do about it."""

    file: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}, dòng {self.line}: {self.message} → {self.remedy}"


class KnowledgeError(Exception):
    """The folder cannot be used; `problems` lists everything that was found, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
