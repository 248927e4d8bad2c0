"""Every transcript in `tests/conversations`, on every channel's rendering."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import handlers
from bot.store.database import Store
from handlers import faq, filling, menu
from handlers.conversation import Step, Turn
from knowledge.entries import Knowledge
from tests.new_database import new_database
from tests.transcripts import FOLDER, ConsoleRenderer, Player, Renderer, TelegramRenderer

TRANSCRIPTS = sorted(FOLDER.glob("*.txt"))


HANDLERS = {
    *handlers.COMMANDS.values(),
    *handlers.IN_FORM.values(),
    *handlers.ACTIONS.values(),
    *(menu.unreadable, menu.unknown_command, menu.number_of_no_menu, menu.phone_unasked),
    *(filling.unreadable, filling.unknown_command, filling.typed, faq.ask),
}  # `old_choice` is for buttons of an earlier version: no choice of today leads there


class Met:
    """Which transcripts were played, and which handlers they met."""

    def __init__(self) -> None:
        self.played: set[Path] = set()
        self.handlers: set[handlers.Handler] = set()

    async def route(self, turn: Turn) -> Step:
        self.handlers.add(handlers.handler_of(handlers.understood(turn)))
        return await handlers.route(turn)


@pytest.fixture(scope="module")
def met() -> Iterator[Met]:
    """Every handler has a transcript: known once all of them were played, in whatever order."""
    met = Met()
    yield met
    if met.played == set(TRANSCRIPTS):
        missing = {f"{each.__module__}.{each.__name__}" for each in HANDLERS - met.handlers}
        assert missing == set()


@pytest.mark.parametrize("renderer", [ConsoleRenderer(), TelegramRenderer()], ids=lambda r: r.name)
@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_a_conversation_goes_as_written(
    transcript: Path,
    renderer: Renderer,
    shipped: Knowledge,
    met: Met,
    tmp_path: Path,
) -> None:
    store = await Store.open(new_database(tmp_path / "donghanh.db"))
    try:
        await Player(store, shipped, renderer, met.route).play(transcript)
        met.played.add(transcript)
    finally:
        await store.close()


def test_there_are_enough_of_them() -> None:
    assert len(TRANSCRIPTS) >= 30
