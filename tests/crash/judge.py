"""What must hold after the last crash, read from the file itself and from Telegram's own record."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.delivery import IN_FLIGHT
from tests.crash.people import Life
from tests.telegram_server import TelegramServer

_NAME = re.compile(r"Chè Tân Cương (\d+)")
_AS_TYPED = ("enterprise", "tax_code", "contact", "position", "email", "product", "note")


@dataclass(frozen=True, slots=True)
class Verdict:
    violations: tuple[str, ...]
    updates: int
    registered: int
    doubles: int


class Judge:
    """Looks at everything once; each method yields what it finds wrong."""

    def __init__(
        self, database: Path, server: TelegramServer, lives: list[Life], kills: int
    ) -> None:
        self._server = server
        self._lives = lives
        self._kills = kills
        with closing(sqlite3.connect(database)) as connection:
            connection.row_factory = sqlite3.Row
            self._sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
            self._tables = {
                table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608 - our own names
                for table in (
                    "message", "delivery", "session", "submission", "consent", "unanswered",
                    "conversation",
                )
            }  # fmt: skip
        self.doubles = 0

    def verdict(self) -> Verdict:
        violations = tuple(
            found
            for look in (
                self._integrity, self._every_update, self._whole_turns, self._fields,
                self._deliveries, self._addresses,
            )
            for found in look()
        )  # fmt: skip
        registered = sum(life.registered for life in self._lives)
        return Verdict(violations, len(self._server.updates.known), registered, self.doubles)

    def _integrity(self) -> Iterator[str]:
        if self._sound != "ok":
            yield f"the database is damaged: {self._sound}"
        for refusal in self._server.refusals:
            yield f"Telegram refused {refusal.method}: {refusal.reason}"

    def _every_update(self) -> Iterator[str]:
        """Every update is kept exactly once, and somebody waited in vain for none."""
        kept = Counter(message["external_id"] for message in self._tables["message"])
        for update in self._server.updates.known:
            if kept[str(update)] != 1:
                yield f"update {update} is kept {kept[str(update)]} times"
        for life in self._lives:
            if life.unanswered:
                yield f"{life.person.id} was not answered: {life.unanswered!r}"

    def _whole_turns(self) -> Iterator[str]:
        """A message, its replies, its session and its effects are there together or not at all."""
        turns = {message["turn"]: message for message in self._tables["message"]}
        said = {delivery["turn"] for delivery in self._tables["delivery"]}
        for turn in turns.keys() - said:
            yield f"turn {turn} said nothing"
        for turn in said - turns.keys():
            yield f"deliveries of a turn that is not there: {turn}"
        noted = Counter(note["turn"] for note in self._tables["unanswered"])
        for turn, message in turns.items():
            if (message["outcome"] == "unanswered") != (noted[turn] == 1):
                yield f"turn {turn} was {message['outcome']}, noted {noted[turn]} times"
        talked = {message["conversation"] for message in self._tables["message"]}
        for table in ("session", "conversation"):
            if talked != {row["conversation"] for row in self._tables[table]}:
                yield f"the people of `{table}` are not those who talked"
        agreed = Counter(consent["conversation"] for consent in self._tables["consent"])
        for life in self._lives:
            if life.acknowledged and agreed[str(life.person.id)] != 1:
                yield f"{life.person.id} agreed {agreed[str(life.person.id)]} times"

    def _fields(self) -> Iterator[str]:
        """What the form went on from is there: in the submission, or in the open form."""
        sent: dict[str, list[Any]] = {}
        for row in self._tables["submission"]:
            sent.setdefault(row["conversation"], []).append(json.loads(row["values"]))
        open_forms = {row["conversation"]: row["state"] for row in self._tables["session"]}
        for life in self._lives:
            who = str(life.person.id)
            submissions = sent.get(who, [])
            if len(submissions) != int(life.registered):
                yield f"{who} has {len(submissions)} submissions"
                continue
            for name, words in life.acknowledged.items():
                if submissions:
                    lost = name not in submissions[0] or (
                        name in _AS_TYPED and submissions[0][name] != words
                    )
                else:
                    lost = f'"{name}":' not in open_forms.get(who, "")
                if lost:
                    yield f"{who} lost {name}: {words!r}"

    def _deliveries(self) -> Iterator[str]:
        """Everything was sent; what was sent twice was in flight when the bot was killed."""
        received = {life.person.id: life.person.received for life in self._lives}
        tries: Counter[int] = Counter()
        rows: Counter[int] = Counter()
        for row in self._tables["delivery"]:
            who = int(row["conversation"])
            rows[who] += 1
            tries[who] += row["attempts"]
            if row["state"] != "sent":
                yield f"delivery {row['id']} is {row['state']}: {row['reason']}"
            elif int(row["external_id"]) not in {message.id for message in received[who]}:
                yield f"delivery {row['id']} never arrived at {who}"
        for who, messages in received.items():
            self.doubles += len(messages) - rows[who]
            if not rows[who] <= len(messages) <= tries[who]:
                yield f"{who} got {len(messages)} messages of {rows[who]}, {tries[who]} tries"
        if self.doubles > IN_FLIGHT * self._kills:
            yield f"{self.doubles} doubles are more than {IN_FLIGHT} per kill"

    def _addresses(self) -> Iterator[str]:
        """Nobody reads what is another's."""
        for life in self._lives:
            own = _NAME.findall(life.name)
            for message in life.person.received:
                if others := set(_NAME.findall(message.text)) - set(own):
                    yield f"{life.person.id} read about {others}"
