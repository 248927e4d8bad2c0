"""The audit as the command line prints it: in words, or as it was written, by columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.staff_chat.audit_words import Teller
from bot.store.audit import Line
from bot.store.columns import to_json
from bot.store.staffing import Member
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge


def in_words(
    lines: Sequence[Line], everyone: Sequence[Member], knowledge: Knowledge
) -> Iterator[str]:
    """A sentence for each line."""
    teller = Teller(knowledge, {each.id: each.name for each in everyone})
    for line in lines:
        changed = "; ".join(teller.changed(line))
        said = f"{teller.who(line)}{teller.via(line)}: {teller.act(line)}, {teller.about(line)}"
        yield f"{line.id}. {_at(line)} – {said}{f' – {changed}' if changed else ''}"


def as_written(lines: Sequence[Line]) -> Iterator[str]:
    """Number, time, who (by number), by which way, act, object and change, tabs between."""
    for line in lines:
        who = f"số {line.who}" if line.who else "–"
        change = f"{to_json(line.before)} → {to_json(line.after)}"
        cells = (str(line.id), _at(line), who, line.via, line.act, line.object, change)
        yield "\t".join(cells)


def _at(line: Line) -> str:
    return line.at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
