"""The officers' manual shows what the program says today, and every picture is there and used."""

from __future__ import annotations

import re

from bot.operations.refusals import Why
from knowledge.entries import Knowledge
from tests.manual.pictures import MANUAL, PICTURES, draw

_BLANK = re.compile(r"\{\w+\}")
_SHOWN = re.compile(r"!\[[^\]]+\]\(hinh/([^)]+)\)")


async def test_the_pictures_are_what_the_transcripts_give_today(knowledge: Knowledge) -> None:
    drawn = await draw(knowledge)
    kept = {path.name: path.read_text(encoding="utf-8") for path in PICTURES.iterdir()}

    assert drawn.keys() == kept.keys()
    stale = [name for name, picture in drawn.items() if kept[name] != picture]
    assert stale == [], "run `make manual`, look at them, and commit"


def test_every_picture_is_used_once_and_every_used_one_is_there() -> None:
    shown = _SHOWN.findall(MANUAL.read_text(encoding="utf-8"))

    assert sorted(shown) == sorted(path.name for path in PICTURES.iterdir())


def test_the_manual_names_every_command_of_the_staff(knowledge: Knowledge) -> None:
    words = MANUAL.read_text(encoding="utf-8")

    commands = [f"`/{each.slash}" for each in knowledge.staff_commands.values()]
    assert [command for command in commands if command not in words] == []


def test_the_manual_explains_every_refusal(knowledge: Knowledge) -> None:
    words = MANUAL.read_text(encoding="utf-8")
    refusals = [knowledge.phrases[f"staff.refused.{why}"].strip() for why in Why]

    told = [_BLANK.sub("…", refusal) for refusal in refusals]
    assert [refusal for refusal in told if f"| {refusal} |" not in words] == []
