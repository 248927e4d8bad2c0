"""The README shows a real conversation: what it quotes is what the program says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run

README = Path(__file__).parent.parent.parent / "README.md"
CUT = "[…]"


def conversation() -> list[tuple[str, list[str]]]:
    """The questions, and the pieces that their answers are quoted in."""
    (quoted,) = re.findall(
        r"^```text\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    found = []
    for part in quoted.strip().split("\n\n"):
        question, *answer = part.splitlines()
        pieces = [piece.strip() for line in answer for piece in line.split(CUT)]
        found.append((question.removeprefix("> "), [piece for piece in pieces if piece]))
    return found


@pytest.mark.parametrize(("question", "pieces"), conversation(), ids=lambda part: str(part)[:30])
def test_the_quoted_answer_is_the_true_one(donghanh: Run, question: str, pieces: list[str]) -> None:
    said = donghanh("ask", question, "--date", "2026-11-20").stdout

    assert pieces
    positions = [said.find(piece) for piece in pieces]
    assert -1 not in positions
    assert positions == sorted(positions)
