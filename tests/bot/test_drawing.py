"""Attachments become files: every kind, one at a time, or a clear refusal."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import docx
import pytest

from bot.drawing import MAKERS, MOST_DATA, Drawer, NotDrawnError, draw
from handlers import attachments
from knowledge import checklists
from tests.channels.attached import DOCUMENT, PICTURE
from tests.knowledge import guidance


def test_every_kind_is_drawn() -> None:
    assert set(MAKERS) == set(attachments.KINDS)
    assert attachments.PICTURES.issubset({*attachments.KINDS, *attachments.STORED})


async def test_drawings_wait_for_each_other() -> None:
    busy = threading.Lock()

    def alone(kind: str, content: Mapping[str, Any]) -> bytes:
        assert busy.acquire(blocking=False)
        try:
            return draw(kind, content)
        finally:
            busy.release()

    drawer = Drawer(alone)
    made = await asyncio.gather(
        *(drawer.draw(each.kind, each.content) for each in (PICTURE, DOCUMENT, PICTURE))
    )

    assert [file[:2] for file in made] == [b"\x89P", b"PK", b"\x89P"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("hologram", {}),
        (attachments.RADAR, {}),
        (attachments.RADAR, {"title": "t", "axes": [], "most": 5}),
        (attachments.RADAR, {"title": "t", "axes": [{"name": "a", "value": "?"}] * 3, "most": 5}),
        (attachments.RADAR, dict(PICTURE.content) | {"title": "x" * MOST_DATA}),
        (attachments.CHECKLIST, {"title": "t"}),
        (attachments.CHECKLIST, dict(DOCUMENT.content) | {"intro": "a\x00b"}),
    ],
)
def test_what_cannot_be_drawn_is_refused(kind: str, content: Mapping[str, Any]) -> None:
    with pytest.raises(NotDrawnError):
        draw(kind, content)


def test_nothing_that_draws_is_loaded_before_something_is_drawn() -> None:
    script = (
        "import sys, bot.app, bot.channels.telegram.channel\n"
        "print({'matplotlib', 'docx'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)

    assert run.stdout.strip() == "set()"


def test_the_printed_checklist_holds_every_item_with_its_box() -> None:
    lists = guidance.checklists()
    ticked = {"proof36", "law"}
    shown = checklists.sections(lists, lists["dossier-2026"])
    content = dict(DOCUMENT.content) | {
        "parts": [
            {
                "heading": section.heading,
                "boxes": [
                    {
                        "label": item.label,
                        "ticked": item.id in ticked,
                        "explanation": item.explanation,
                        "notes": list(item.mistakes),
                    }
                    for _, item in section.items
                ],
            }
            for section in shown
        ]
    }

    document = docx.Document(BytesIO(draw(attachments.CHECKLIST, content)))
    lines = [paragraph.text for paragraph in document.paragraphs]

    for section in shown:
        assert section.heading in lines
        for number, item in section.items:
            mark = "☑" if item.id in ticked else "☐"
            assert f"{mark} {number}. {item.label}" in lines
            assert item.explanation in lines
            assert all(f"– {mistake}" in lines for mistake in item.mistakes)
    for key in ("title", "organisation", "intro", "source", "day"):
        assert content[key] in lines


def test_the_printed_checklist_is_an_a4_page_in_vietnamese() -> None:
    document = docx.Document(BytesIO(draw(DOCUMENT.kind, DOCUMENT.content)))
    page = document.sections[0]

    assert page.page_width is not None
    assert page.page_height is not None
    assert (round(page.page_width.cm, 1), round(page.page_height.cm, 1)) == (21.0, 29.7)
    assert document.core_properties.language == "vi-VN"
    assert document.core_properties.title == "Chuẩn bị hồ sơ"
