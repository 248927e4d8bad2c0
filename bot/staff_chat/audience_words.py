"""The facets of an audience: their options with names, and an audience in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from bot.staff_chat.turn import StaffTurn
from bot.store import audiences
from bot.store.audiences import ENTERPRISE, Audience, Stage
from knowledge.entries import Field, Knowledge

FACETS: Final = ("programmes", "kinds", "sectors", "communes", "stages", "channels")
LONGEST_KEY: Final = 20
MOST_COMMUNES: Final = 40


def describe(knowledge: Knowledge, audience: Audience) -> str:
    """An audience as a sentence's end."""
    parts = []
    for facet in FACETS:
        chosen: tuple[str, ...] = getattr(audience, facet)
        if chosen:
            names = named(knowledge, facet)
            values = ", ".join(names.get(value, value) for value in chosen)
            parts.append(f"{knowledge.say(f'staff.news.facet.{facet}')}: {values}")
    return "; ".join(parts) or knowledge.say("staff.news.everybody")


def named(knowledge: Knowledge, facet: str) -> Mapping[str, str]:
    """The options of a facet that the knowledge names: value and label, in its order."""
    match facet:
        case "programmes":
            return _options(_field(knowledge.forms["register"].fields, "programmes"))
        case "sectors":
            return _options(_field(knowledge.router.fields, "sector"))
        case "kinds":
            agency = _field(_fields(knowledge, "nomination"), "agency_kind")
            return {ENTERPRISE: knowledge.say("staff.news.enterprises"), **_options(agency)}
        case "stages":
            return {str(stage): knowledge.say(f"staff.news.stage.{stage}") for stage in Stage}
        case _:
            return {}


async def options(turn: StaffTurn, facet: str) -> Mapping[str, str]:
    """The options of a facet, those that only the registrations know too."""
    if facet == "communes":
        return {each: each for each in await audiences.communes(turn.db, MOST_COMMUNES)}
    if facet == "channels":
        return {each: each for each in await audiences.channels(turn.db)}
    return named(turn.knowledge, facet)


def key_of(value: str) -> str:
    """What stands for an option in a choice's action, which has no room for long names."""
    short = value.isascii() and value.isidentifier() and len(value) <= LONGEST_KEY
    return value if short else hashlib.sha256(value.encode()).hexdigest()[:12]


def _fields(knowledge: Knowledge, form: str) -> Iterable[Field]:
    return knowledge.forms[form].fields if form in knowledge.forms else ()


def _field(fields: Iterable[Field], name: str) -> Field | None:
    return next((field for field in fields if field.id == name), None)


def _options(field: Field | None) -> dict[str, str]:
    return {option.id: option.label for option in field.options} if field else {}
