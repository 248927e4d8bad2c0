"""Where a member is among the enterprises: the list that they look at, and how far into it.

It lies on the session's shelf, so a card can lead back to its list, and a list can be narrowed down
or taken along as a file. A button names a list by its `mark`: an old one takes along nothing else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Final

from bot.staff_chat.turn import StaffTurn
from bot.store.follow_up import Sought
from handlers.conversation import Step

SHELF: Final = "leads"


@dataclass(frozen=True, slots=True)
class Place:
    """A list, and the page of it that was shown."""

    sought: Sought
    at: int


def place(turn: StaffTurn) -> Place | None:
    """The list that was looked at last; None where there was none, or one of another release."""
    kept = turn.session.shelf.get(SHELF)
    try:
        return Place(Sought.of_data(kept["sought"]), int(kept["at"])) if kept else None
    except (KeyError, TypeError, ValueError):
        return None


def current(turn: StaffTurn) -> Sought:
    """What was sought last; everything where nothing was."""
    found = place(turn)
    return found.sought if found else Sought()


def keep(step: Step, sought: Sought, at: int = 0) -> Step:
    """The same step, after which this is the list that is looked at."""
    session = step.session
    shelf = {**session.shelf, SHELF: {"sought": sought.as_data(), "at": at}}
    return replace(step, session=replace(session, shelf=shelf))


def leave(turn: StaffTurn) -> StaffTurn:
    """The same turn where no list is looked at: what is opened now is of none."""
    shelf = {name: kept for name, kept in turn.session.shelf.items() if name != SHELF}
    session = replace(turn.session, shelf=shelf)
    return replace(turn, turn=replace(turn.turn, session=session))


def mark(sought: Sought) -> str:
    """A short name for a list, the same for the same filter."""
    written = json.dumps(sought.as_data(), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:8]
