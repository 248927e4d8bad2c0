"""One message of a member of the staff: what its handler may look at, and how it answers.

It is a `Turn` inside the transaction that will keep it: instead of a lookup there is the database
itself, so a handler awaits nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.lead_import import SentList
from bot.operations.recipients import Render
from bot.operations.refusals import Refused
from bot.operations.rights import Actor
from bot.store import staff_sessions
from bot.store.staffing import Member
from handlers.attachments import Attachment
from handlers.conversation import Choice, Incoming, Outcome, Reply, Session, Step, Turn
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge

ACTION: Final = "staff:"  # how the actions of our choices begin: `staff:<verb>:<argument>`
LONGEST_NUMBER: Final = 9  # digits
DIALOG: Final = staff_sessions.DIALOG


class Lost(Exception):
    """A choice that we never wrote, or whose option is gone: its data proves nothing."""


@dataclass(frozen=True, slots=True)
class StaffTurn:
    """All that a handler of the staff's desk may look at.

    `member` is who writes; None only while somebody brings an invitation. `link` makes an address
    that opens a chat with us and says `/start` and its argument. `argument` is what stands behind
    a command or in a pressed choice. `brought` is what became of a file that was waited for: kept,
    or refused.
    """

    turn: Turn
    db: AsyncConnection
    member: Member | None
    render: Render
    link: Callable[[str], str]
    argument: str = ""
    brought: Attachment | SentList | Refused | None = None

    @property
    def incoming(self) -> Incoming:
        return self.turn.incoming

    @property
    def session(self) -> Session:
        return self.turn.session

    @property
    def knowledge(self) -> Knowledge:
        return self.turn.knowledge

    @property
    def now(self) -> datetime:
        return self.turn.now

    @property
    def by(self) -> Actor:
        """Who acts, for the audit. The right is asked for by each operation itself."""
        if self.member is None:
            raise LookupError("nobody of the staff")
        return Actor(self.member.id, self.incoming.conversation.channel)

    def file(self) -> Attachment | None:
        """The file that came with the message, kept. Raises Refused where it could not be."""
        if isinstance(self.brought, Refused):
            raise self.brought
        return self.brought if isinstance(self.brought, Attachment) else None

    def list_(self) -> SentList:
        """The list that came with the message, or is wanted again. Raises Refused, Lost."""
        if isinstance(self.brought, Refused):
            raise self.brought
        if not isinstance(self.brought, SentList):
            raise Lost("no list")
        return self.brought

    def number(self) -> int:
        """The number that the argument is. Raises Lost where it is none."""
        return number_in(self.argument)

    def say(self, phrase: str, /, **values: object) -> str:
        return self.knowledge.say(phrase, **values)

    def said(self, text: str, *choices: Choice, session: Session | None = None) -> Step:
        """Answer. Without a *session* a dialog stays open for typed words, but no pressed choice.

        What a member pressed leads elsewhere, and words typed there must not answer what was asked
        before: they went to another enterprise than the one whose page was looked at.
        """
        left = self.session.idle() if self.incoming.action else self.session
        return Step((Reply(text, choices),), session or left, Outcome.STAFF)

    def asked(self, step: str, text: str, *choices: Choice, **data: object) -> Step:
        """Answer and wait for words: they go to the handler that is `TYPED` for *step*."""
        session = replace(self.session.idle(), dialog=DIALOG, step=step, data=data)
        return self.said(text, *choices, session=session)

    def choice(self, phrase: str, verb: str, argument: object = "") -> Choice:
        """A choice of the desk: what it says, what it does, and to which thing."""
        return self.named_choice(self.say(phrase), verb, argument)

    @staticmethod
    def named_choice(label: str, verb: str, argument: object = "") -> Choice:
        """The same under a name that is no phrase: a person's, a document's."""
        action = f"{ACTION}{verb}:{argument}" if str(argument) else ACTION + verb
        return Choice(label, action)


def number_in(text: str) -> int:
    """The number that part of an argument is. Raises Lost where it is none of ours."""
    if not (text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise Lost(text)
    return int(text)


Handler = Callable[[StaffTurn], Awaitable[Step]]


def refusal(knowledge: Knowledge, refused: Refused) -> str:
    """Why an act was not done, in words: `staff.refused.<why>`, filled with its facts."""
    facts = {name: _in_words(knowledge, name, value) for name, value in refused.facts.items()}
    return knowledge.phrases[f"staff.refused.{refused.why}"].format_map(facts)


def _in_words(knowledge: Knowledge, name: str, value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(_in_words(knowledge, name, each)) for each in value)
    if name in {"state", "needed"}:
        return knowledge.say(f"staff.state.{value}")
    return value


def moment(at: datetime) -> str:
    """A moment as staff read it."""
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
