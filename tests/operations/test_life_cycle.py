"""The life of a broadcast against a model of it: any order of acts, crashes and passing time.

The model knows who may act, which state allows what, and that nobody ever gets two copies; the real
one must agree after every step, also with a new process on the same file.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.operations import broadcasts, course, recipients
from bot.operations.broadcasts import Draft, State
from bot.operations.course import Next
from bot.operations.refusals import NeedsAnother, NotAllowed, NotNow, Refused
from bot.operations.rights import RIGHTS, Actor, Right
from bot.store import deliveries
from bot.store.announcing import opens_at
from bot.store.database import Store
from handlers.conversation import Conversation
from handlers.effects import Subscribe
from tests.effort import examples
from tests.new_database import new_database
from tests.operations.conftest import (
    CONSOLE,
    DAY,
    ROLES,
    claim,
    do,
    found,
    look,
    start,
    subscribe,
    take_in,
)
from tests.store.conftest import say

PEOPLE = tuple(f"chat {number}" for number in range(6))
ACTORS = st.sampled_from([*ROLES, CONSOLE, Actor(99, "telegram")])
LATEST = DAY + timedelta(hours=9)


class Life(RuleBasedStateMachine):
    """One broadcast from its first draft on."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.Runner()
        self.path = Path(self.folder.name) / "life.db"
        self.store = self.loop.run(Store.open(new_database(self.path)))
        self.now = DAY
        self.authors: set[Actor] = set()
        self.expected = State.DRAFT
        self.wanting = set(PEOPLE)
        self.flying: list[deliveries.Due] = []
        self.copies: Counter[str] = Counter()
        self.loop.run(self.begin())

    async def begin(self) -> None:
        for actor, role in ROLES.items():
            await take_in(self.store, f"staff {actor.staff}", role)
        await subscribe(self.store, *PEOPLE)
        writer = list(ROLES)[1]
        draft = Draft("tin", latest_at=LATEST)
        self.number = await do(self.store, broadcasts.compose, draft, writer)
        self.authors = {writer}

    @initialize(far=st.integers(0, 3))
    def get_on(self, far: int) -> None:
        """Most lives begin further on: by chance few get so far."""
        writer, approver = list(ROLES)[1:3]
        if far > 0:
            self.submit(writer)
        if far > 1:
            self.approve(approver, wrong=0)
        if far > 2:
            self.runner_looks()

    def teardown(self) -> None:
        self.loop.run(self.store.close())
        self.loop.close()
        self.folder.cleanup()

    def attempt(
        self,
        act: Callable[..., Awaitable[Any]],
        right: Right,
        allowed_in: set[State],
        then: State,
        by: Actor,
        **given: Any,
    ) -> bool:
        """Do it for real; the model says whether it must succeed, or with what be refused."""
        role = ROLES.get(by)
        now, state = self.now, self.expected
        try:
            self.loop.run(do(self.store, act, self.number, by=by, now=now, **given))
        except NotAllowed:
            assert role is None or right not in RIGHTS[role]
            return False
        except NotNow:
            assert state not in allowed_in
            return False
        assert role is not None
        assert right in RIGHTS[role]
        assert state in allowed_in
        self.expected = then
        return True

    @rule(by=ACTORS)
    def edit(self, by: Actor) -> None:
        draft, writable = Draft("tin khác", latest_at=LATEST), set(broadcasts.WRITABLE)
        if self.attempt(broadcasts.edit, Right.COMPOSE, writable, State.DRAFT, by, draft=draft):
            self.authors.add(by)

    @rule(by=ACTORS)
    def submit(self, by: Actor) -> None:
        try:
            if self.attempt(broadcasts.submit, Right.COMPOSE, {State.DRAFT}, State.AWAITING, by):
                self.authors.add(by)
        except Refused:
            assert not self.wanting or opens_at(self.now) >= LATEST

    @rule(by=ACTORS, wrong=st.integers(0, 3))
    def approve(self, by: Actor, wrong: int) -> None:
        count = len(self.wanting) + (wrong == 3)
        try:
            done = self.attempt(
                broadcasts.approve,
                Right.APPROVE,
                {State.AWAITING},
                State.SCHEDULED,
                by,
                count=count,
            )
        except NeedsAnother:
            assert by in self.authors
        except Refused:
            assert count != len(self.wanting) or opens_at(self.now) >= LATEST
        else:
            assert not done or by not in self.authors

    @rule(by=ACTORS)
    def pause(self, by: Actor) -> None:
        self.attempt(broadcasts.pause, Right.PAUSE, {State.RUNNING}, State.PAUSED, by)

    @rule(by=ACTORS)
    def resume(self, by: Actor) -> None:
        started = self.loop.run(found(self.store, self.number)).started_at
        then = State.RUNNING if started else State.SCHEDULED
        stopped = {State.PAUSED, State.HELD}
        try:
            self.attempt(broadcasts.resume, Right.APPROVE, stopped, then, by)
        except Refused:
            assert opens_at(self.now) >= LATEST

    @rule(by=ACTORS, sure=st.integers(0, 9))
    def cancel(self, by: Actor, sure: int) -> None:
        if sure:
            return  # most lives should go on
        right = Right.COMPOSE if self.expected in broadcasts.WRITABLE else Right.APPROVE
        open_ = {*broadcasts.WRITABLE, *broadcasts.UNDER_WAY}
        self.attempt(broadcasts.cancel, right, open_, State.CANCELLED, by)

    @rule(chat=st.sampled_from(PEOPLE), wanted=st.booleans())
    def opt(self, chat: str, *, wanted: bool) -> None:
        where = Conversation("telegram", chat)
        external_id = f"{chat} {self.now} {len(self.copies)} {wanted}"
        self.loop.run(
            say(self.store, Subscribe(wanted), who=where, external_id=external_id, now=self.now)
        )
        if wanted:
            self.wanting.add(chat)
        else:
            self.wanting.discard(chat)

    @rule(minutes=st.integers(1, 120))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def runner_looks(self) -> None:
        act = self.loop.run(look(self.store, self.number, self.now))
        match act:
            case Next.START:
                assert self.expected is State.SCHEDULED
                self.loop.run(start(self.store, self.number, self.now))
                self.expected = State.RUNNING
            case Next.HOLD_LATE:
                assert self.now >= LATEST
                hold = partial(course.hold, number=self.number, reason=course.LATE, now=self.now)
                self.loop.run(self.store.write(hold))
                self.expected = State.HELD
            case Next.FINISH:
                finish = partial(course.finish, number=self.number, now=self.now)
                self.loop.run(self.store.write(finish))
                self.expected = State.DONE
            case Next.WAIT:
                pass
            case _:
                raise AssertionError(act)

    @rule(limit=st.integers(1, 3))
    def claim(self, limit: int) -> None:
        due = self.loop.run(claim(self.store, self.now, limit))
        for row in due:
            assert self.expected is State.RUNNING
            assert row.conversation.id in self.wanting
            assert self.now < LATEST
            assert opens_at(self.now) == self.now
        self.flying += due

    @rule(arrives=st.booleans())
    def settle(self, *, arrives: bool) -> None:
        """Telegram took it and said so, or nobody knows whether it did."""
        if self.flying:
            row = self.flying.pop()
            settle: Any = partial(deliveries.unsure, id=row.id, reason="lost", now=self.now)
            if arrives:
                self.copies[row.conversation.id] += 1
                settle = partial(deliveries.sent, taken=[(row.id, "x", self.now)])
            self.loop.run(self.store.write(settle))

    @rule()
    def crash(self) -> None:
        """A new process on the same file; what was in flight may have arrived."""
        self.loop.run(self.store.close())
        self.store = self.loop.run(Store.open(self.path))
        recovered = self.loop.run(self.store.write(partial(deliveries.recover, now=self.now)))
        assert recovered.unsure == len(self.flying)
        self.copies.update(row.conversation.id for row in self.flying)
        self.flying = []

    @invariant()
    def it_stands_where_the_model_says(self) -> None:
        assert self.loop.run(found(self.store, self.number)).state == self.expected

    @invariant()
    def nobody_has_two_copies(self) -> None:
        assert not [chat for chat, copies in self.copies.items() if copies > 1]

    @invariant()
    def the_numbers_add_up(self) -> None:
        progress = self.loop.run(
            self.store.read(lambda db: recipients.progress(db, self.number, CONSOLE, self.now))
        )
        counts = progress.counts
        settled = counts.of("sent", "failed", "unsure", "cancelled")
        left = counts.of("pending", "sending", "held")
        assert counts.total == settled + left
        assert counts.of("sending") == len(self.flying)


Life.TestCase.settings = settings(max_examples=examples(8), stateful_step_count=30, deadline=None)
TestLife = Life.TestCase
