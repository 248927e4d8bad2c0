"""A past that is kept in memory: what the store does with the steps of one conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.store import sessions
from handlers import route
from handlers.conversation import Choice, Conversation, Incoming, Session, Step, Turn
from handlers.effects import (
    Effect,
    EndHandOver,
    EraseMe,
    GiveConsent,
    HandOver,
    MarkSubmitted,
    PlanReminders,
    RateHandOver,
    SaveSubmission,
    StopReminders,
    Subscribe,
    TellStaff,
    WithdrawConsent,
    WithdrawSubmission,
)
from handlers.records import SEAT, Consent, Desk, Reminder, Submission, Ticket
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge

START = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)
SOMEONE = Conversation("memory", "1")


class Memory:
    """See `handlers.conversation.Lookup`."""

    def __init__(self) -> None:
        self.sent: list[Submission] = []
        self.ledger: list[Consent] = []
        self.effects: list[Effect] = []
        self.wants_news = False
        self.wishes: dict[str, Reminder] = {}
        self.messages = 0
        self.others: dict[str, list[int]] = {}  # submissions of other people, by option
        self.staffed = False
        self.ticket: Ticket | None = None

    async def submissions(self) -> Sequence[Submission]:
        return sorted(self.sent, key=lambda each: each.changed_at, reverse=True)

    async def consents(self) -> Sequence[Consent]:
        return self.ledger

    async def subscribed(self) -> bool:
        return self.wants_news

    async def reminders(self) -> Sequence[Reminder]:
        return list(self.wishes.values())

    async def queue(self, form: str, field: str, option: str) -> Sequence[int]:
        same = (each for each in self.sent if each.form == form)
        own = [each.id for each in same if each.values.get(field) == option]
        return [*self.others.get(option, ()), *own]

    async def noted(self) -> int:
        return 0

    async def messages_kept(self) -> int:
        return self.messages

    async def desk(self) -> Desk:
        return Desk(self.staffed, self.ticket)

    def keep(self, effect: Effect, now: datetime) -> None:
        """Do what `bot.store.effects` does, as far as a handler can see it."""
        self.effects.append(effect)
        if isinstance(effect, GiveConsent):
            self.ledger.append(Consent(effect.purpose, effect.version, now, None))
        elif isinstance(effect, SaveSubmission):
            self._save(effect, now)
        elif isinstance(effect, WithdrawSubmission):
            self.sent = [each for each in self.sent if each.id != effect.submission]
        elif isinstance(effect, WithdrawConsent):
            self.sent = []
            self.ledger = [replace(each, withdrawn_at=now) for each in self.ledger]
        elif isinstance(effect, EraseMe):
            self.sent, self.ledger, self.wants_news, self.messages = [], [], False, 0
        elif isinstance(effect, Subscribe):
            self.wants_news = effect.wanted
        elif isinstance(effect, HandOver | TellStaff | EndHandOver | RateHandOver):
            self._talk_to_staff(effect, now)
        else:
            self._remind(effect)

    def _talk_to_staff(
        self, effect: HandOver | TellStaff | EndHandOver | RateHandOver, now: datetime
    ) -> None:
        if isinstance(effect, HandOver):
            listening, nobody = True, None
            self.ticket = Ticket(1, now, now, nobody, listening, nobody, nobody)
        elif self.ticket and isinstance(effect, TellStaff):
            self.ticket = replace(self.ticket, heard_at=now)
        elif self.ticket and isinstance(effect, EndHandOver):
            self.ticket = replace(self.ticket, listening=False, closed_at=now)
        elif self.ticket:
            self.ticket = replace(self.ticket, rated_at=self.ticket.rated_at or now)

    def _remind(self, effect: Effect) -> None:
        if isinstance(effect, PlanReminders):
            self._wish(effect.subject, effect.days_before, effect.day, wanted=True)
        elif isinstance(effect, StopReminders):
            every = [name for name in self.wishes if not name.startswith(SEAT)]
            for name in [effect.subject] if effect.subject else every:
                self.wishes[name] = replace(self.wishes[name], wanted=False)
        elif isinstance(effect, MarkSubmitted):
            if effect.subject not in self.wishes:
                self._wish(effect.subject, (), None, wanted=False)
            wish = self.wishes[effect.subject]
            self.wishes[effect.subject] = replace(wish, submitted=effect.yes)

    def _wish(self, subject: str, days: tuple[int, ...], day: date | None, *, wanted: bool) -> None:
        before = self.wishes.get(subject)
        submitted = before is not None and before.submitted
        self.wishes[subject] = Reminder(subject, days, day, wanted, submitted)

    def _save(self, effect: SaveSubmission, now: datetime) -> None:
        for n, each in enumerate(self.sent):
            if each.id == effect.replaces:
                self.sent[n] = replace(each, values=effect.values, changed_at=now)
                return
        number = len(self.effects)
        self.sent.append(Submission(number, effect.form, effect.values, now, now))


class Talk:
    """One person talking to the handlers. After every turn the session is written and read back."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.memory = Memory()
        self.session = Session()
        self.now = START
        self.step: Step | None = None

    async def type(self, text: str) -> Step:
        return await self._turn(Incoming(SOMEONE, "1", self.now, text=text))

    async def press(self, action: str) -> Step:
        return await self._turn(Incoming(SOMEONE, "1", self.now, action=action))

    async def share_phone(self, phone: str) -> Step:
        return await self._turn(Incoming(SOMEONE, "1", self.now, phone=phone))

    async def show_picture(self) -> Step:
        return await self._turn(Incoming(SOMEONE, "1", self.now, unreadable=True))

    @property
    def offered(self) -> tuple[Choice, ...]:
        return self.session.offered

    @property
    def said(self) -> str:
        return "\n".join(reply.text for reply in self.step.replies) if self.step else ""

    async def _turn(self, incoming: Incoming) -> Step:
        self.now += timedelta(seconds=20)
        turn = Turn(incoming, self.session, self.knowledge, self.now, self.memory)
        self.step = await route(turn)
        self.session = sessions.load(sessions.dump(self.step.session))
        self.memory.messages += 1
        for effect in self.step.effects:
            self.memory.keep(effect, self.now)
        return self.step
