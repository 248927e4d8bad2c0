"""Fifty people who talk to a bot that keeps dying, and who remember what was acknowledged.

A person types the next thing only after an answer, as people do. A double of an answer that was
acted on already is passed over, as people do too.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random

from knowledge.entries import Knowledge
from tests.end_to_end.registrant import Registrant, answers
from tests.telegram_server import Person, TelegramServer

PATIENCE = 60.0
FIRST = 1_000_001  # the first person's id
MISTAKES = {"tax_code": "0101248142", "phone": "091234", "email": "lan@"}


@dataclass
class Life:
    """One person: asks a question or two, registers, asks another, and leaves."""

    person: Person
    registrant: Registrant
    questions: list[str]
    name: str
    leaving: asyncio.Event
    acknowledged: dict[str, str] = field(default_factory=dict)
    registered: bool = False
    unanswered: str = ""

    async def lives(self) -> None:
        for question in self.questions[:-1]:
            await self._ask(question)
        await self._register()
        await self._ask(self.questions[-1])

    async def _ask(self, question: str) -> None:
        if self.leaving.is_set():
            return
        self.person.types(question)
        await self._hear(question)

    async def _register(self) -> None:
        said = ""
        words = self.registrant.opening
        while not self.registrant.finished(said):
            if self.leaving.is_set():
                return
            self.person.types(words)
            before, said = said, await self._hear(words)
            while said == before or not self.registrant.expects(said):
                said = await self._hear(words)
            for given in self.registrant.given:
                self.acknowledged[given] = self.registrant.answers[given]
            if not self.registrant.finished(said):
                words = self.registrant.next_words(said)
        self.registered = True

    async def _hear(self, words: str) -> str:
        try:
            return (await self.person.reply(PATIENCE)).text
        except TimeoutError:
            self.unanswered = words
            raise


class Crowd:
    """People who come and go, `size` of them at a time, until told that nobody else may come."""

    def __init__(self, server: TelegramServer, knowledge: Knowledge, seed: int, size: int) -> None:
        self.lives: list[Life] = []
        self._server = server
        self._knowledge = knowledge
        self._chance = Random(seed)  # noqa: S311 - reproducible, not secret
        self._size = size
        self._closed = asyncio.Event()

    async def talk(self) -> None:
        """Talk until closed, and until everybody who is there then has had their last answer."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._size):
                group.create_task(self._place())

    def close(self) -> None:
        self._closed.set()

    async def _place(self) -> None:
        while not self._closed.is_set():
            life = self._born()
            self.lives.append(life)
            try:
                await life.lives()
            except TimeoutError:
                return  # the life remembers what was never answered

    def _born(self) -> Life:
        number = len(self.lives) + 1
        entries = sorted(self._knowledge.entries)
        asked = self._chance.sample(entries, self._chance.randint(2, 3))
        questions = [self._knowledge.entries[entry].question for entry in asked]
        wrong = self._chance.sample(sorted(MISTAKES), self._chance.randint(0, 2))
        registrant = Registrant(
            self._knowledge,
            self._knowledge.forms["register"],
            answers(number),
            {name: MISTAKES[name] for name in wrong},
        )
        person = self._server.user(FIRST + number)
        name = registrant.answers["enterprise"]
        return Life(person, registrant, questions, name, self._closed)
