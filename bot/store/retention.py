"""Nothing is kept longer than it is needed: texts go by age, rows that are counted stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema

AT_ONCE: Final = 2_000  # rows per kind and call, so that turns need not wait behind the cleaning

_message, _delivery, _quarantine = schema.message, schema.delivery, schema.quarantine
_session = schema.session
_BEFORE = bindparam("before", type_=schema.UtcTime)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each kind of record keeps its content."""

    messages: timedelta = timedelta(days=90)
    payloads: timedelta = timedelta(days=30)
    quarantine: timedelta = timedelta(days=30)
    sessions: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many records lost their content in this call."""

    messages: int
    payloads: int
    quarantine: int
    sessions: int

    @property
    def more(self) -> bool:
        """Whether another call may find more."""
        return AT_ONCE in (self.messages, self.payloads, self.quarantine, self.sessions)


def _oldest(table: Table, column: str, *conditions: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's conditions have no narrower name
    return select(table.c[column]).where(*conditions).limit(AT_ONCE)


_MESSAGES = (
    update(_message)
    .where(
        _message.c.turn.in_(
            _oldest(
                _message, "turn", _message.c.at < _BEFORE, _message.c.text != schema.literal("")
            )
        )
    )
    .values(text="")
)
_PAYLOADS = (
    update(_delivery)
    .where(
        _delivery.c.id.in_(
            _oldest(_delivery, "id", _delivery.c.settled_at < _BEFORE, schema.UNBLANKED)
        )
    )
    .values(payload={})
)
_RAW = delete(_quarantine).where(
    _quarantine.c.id.in_(_oldest(_quarantine, "id", _quarantine.c.at < _BEFORE))
)
_SESSIONS = delete(_session).where(
    _session.c.conversation.in_(_oldest(_session, "conversation", _session.c.updated_at < _BEFORE)),
    _session.c.updated_at < _BEFORE,
)


async def tidy(db: AsyncConnection, now: datetime, keep: Retention) -> Tidied:
    """Blank or delete what is older than `keep`, up to 2,000 of each kind; call again while `more`.

    Empty the write-ahead log afterwards (`Store.checkpoint`): until then it remembers.
    """

    async def clean(statement: Any, age: timedelta) -> int:  # noqa: ANN401 - an update or a delete
        return int((await db.execute(statement, {"before": now - age})).rowcount)

    return Tidied(
        messages=await clean(_MESSAGES, keep.messages),
        payloads=await clean(_PAYLOADS, keep.payloads),
        quarantine=await clean(_RAW, keep.quarantine),
        sessions=await clean(_SESSIONS, keep.sessions),
    )
