"""A line of the audit in words: what was done to what, and what is different since.

An act or a field of a later version, or of the command line, stands as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from bot.channels.text import cut, one_line
from bot.operations.attendance import ITSELF
from bot.operations.course import BOT
from bot.staff_chat.turn import moment
from bot.store.audit import Line
from bot.store.desk_rooms import EVERY_DAY
from handlers import deadlines
from handlers.hand_over import WEEKDAYS
from knowledge.entries import Knowledge
from knowledge.rules import key_of

SHOWN: Final = 60  # characters of one value: the command line shows it whole
_HIDDEN: Final = frozenset({"address", "key"})  # a chat's number; what the line is about
_NOTED_BESIDE: Final = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")  # the name of a note of `bot.acts`
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d.*)?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Teller:
    """Who says it: with these words, of these members of the staff."""

    knowledge: Knowledge
    names: Mapping[int, str]

    def who(self, line: Line) -> str:
        if line.who is not None:
            return self.names.get(line.who, "?")
        by_itself = line.via in {BOT.via, ITSELF.via}
        return self.knowledge.say(f"staff.audit.{'system' if by_itself else 'administrator'}")

    def via(self, line: Line) -> str:
        """By which way in; nothing where the bot itself did it."""
        if line.via in {BOT.via, ITSELF.via}:
            return ""
        return f" ({line.via.capitalize() if line.via.isalpha() else line.via})"

    def act(self, line: Line) -> str:
        return self._phrase(f"staff.audit.act.{line.act.replace(' ', '_')}", line.act)

    def about(self, line: Line) -> str:
        kind, _, number = line.object.partition(":")
        if kind == "deadline":
            number = self._deadline(number)
        if kind == "entry":
            number = self._entry(number)
        if kind == "staff" and number.isdecimal() and int(number) in self.names:
            number = f"{number} ({self.names[int(number)]})"
        words = self.knowledge.phrases.get(f"staff.audit.about.{kind}")
        return words.format(number=number) if words else line.object

    def changed(self, line: Line) -> Iterator[str]:
        """What is different, field by field."""
        for name in dict.fromkeys([*line.before, *line.after]):
            if name in _HIDDEN:
                continue
            before = self._value(name, line.before.get(name))
            after = self._value(name, line.after.get(name))
            if before == after or not (before or after):
                continue
            label = self._phrase(f"staff.audit.field.{name}", name)
            yield f"{label}: {before} → {after or '–'}" if before else f"{label}: {after}"

    def _value(self, name: str, value: Any) -> str:  # noqa: ANN401 - what JSON holds
        if value is None or value == "":
            return ""
        if (known := self._known(name, value)) is not None:
            return cut(known, SHOWN)
        if isinstance(value, dict):
            told = {key: self._value(key, each) for key, each in value.items()}
            parts = [
                f"{self._phrase(f'staff.audit.field.{key}', key)} {each}"
                for key, each in told.items()
                if each
            ]
            return cut("; ".join(parts), SHOWN)
        if isinstance(value, list):
            return cut(", ".join(filter(None, (self._value(name, each) for each in value))), SHOWN)
        return cut(self._word(str(value)), SHOWN)

    def _word(self, text: str) -> str:
        if _NOTED_BESIDE.fullmatch(text):
            return ""
        if _MOMENT.fullmatch(text):
            return moment(datetime.fromisoformat(text).astimezone())
        if _DAY.fullmatch(text):
            return f"{date.fromisoformat(text):%d/%m/%Y}"
        named = text.replace(" ", "_").lower()
        return self._phrase(f"staff.audit.value.{named}", one_line(text))

    def _phrase(self, key: str, otherwise: str) -> str:
        return self.knowledge.phrases.get(key, otherwise).strip()

    def _known(self, name: str, value: Any) -> str | None:  # noqa: ANN401 - what JSON holds
        """A value whose field says what it is."""
        match name:
            case "taken_by" | "owner":
                return self.names.get(int(value), "?")
            case "status":
                return self._phrase(f"staff.lead.status.{value}", str(value))
            case "state":
                return self._phrase(f"staff.state.{value}", str(value))
            case "role":
                return self._phrase(f"staff.role.{value}", str(value))
            case "weekday":
                slot = "all" if value == EVERY_DAY else WEEKDAYS[int(value) - 1]
                return self._phrase(f"staff.duty.slot_{slot}", slot)
            case "entry":
                return self._entry(str(value))
            case "choices":
                return ", ".join(str(each[0]) for each in value)
            case "topic" if str(value) in self.knowledge.topics:
                return self.knowledge.topics[str(value)].label
            case _:
                return None

    def _deadline(self, key: str) -> str:
        known = [each for each in self.knowledge.deadlines if key_of(each) == key]
        return deadlines.what(self.knowledge, known[0]) if known else key

    def _entry(self, name: str) -> str:
        found = self.knowledge.entries.get(name)
        return f"“{found.label}”" if found else name
