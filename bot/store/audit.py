"""What staff did, line by line, in a chain: each line's hash covers the line and the hash before.

A line that was changed, removed or put in between shows. Lines cut off at the end do not: note the
last hash outside, where whoever can write this file cannot. No line names an enterprise's people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import EPOCH, MILLISECOND

BEGINNING: Final = "0" * 64

_audit = schema.audit
_LAST = select(_audit.c.id, _audit.c.hash).order_by(_audit.c.id.desc()).limit(1)
_APPEND = insert(_audit)
_ALL = select(_audit).order_by(_audit.c.id)
_LATEST = (
    select(_audit)
    .where(_audit.c.id < bindparam("before_id"))
    .order_by(_audit.c.id.desc())
    .limit(bindparam("most"))
)
_ABOUT = _LATEST.where(_audit.c.object == bindparam("about"))


@dataclass(frozen=True, slots=True)
class Line:
    """One act. `who` is a staff number, or None for the command line (`via`) and for the bot."""

    id: int
    at: datetime
    who: int | None
    via: str
    act: str
    object: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chain:
    """The state of the whole audit. `broken_at` is the first line that does not fit, or None."""

    lines: int
    last_hash: str
    broken_at: int | None


async def append(  # noqa: PLR0913 - the fields of a line
    db: AsyncConnection,
    *,
    at: datetime,
    who: int | None,
    via: str,
    act: str,
    about: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write the next line; only in the transaction of the act that it tells of."""
    last = (await db.execute(_LAST)).one_or_none()
    row: dict[str, Any] = {
        "id": last.id + 1 if last else 1,
        "at": at,
        "who": who,
        "via": via,
        "act": act,
        "object": about,
        "before": dict(before or {}),
        "after": dict(after or {}),
        "previous": last.hash if last else BEGINNING,
    }
    await db.execute(_APPEND, row | {"hash": _hash(row)})


async def latest(
    db: AsyncConnection, limit: int, *, about: str = "", before_id: int | None = None
) -> Sequence[Line]:
    """Read lines, the newest first; with `about`, only those of one object ("broadcast:3")."""
    where: dict[str, Any] = {"most": limit, "before_id": before_id or 2**62}
    statement, where = (_ABOUT, where | {"about": about}) if about else (_LATEST, where)
    return [_line(row) for row in await db.execute(statement, where)]


async def verify(db: AsyncConnection) -> Chain:
    """Walk the whole chain from its beginning."""
    number, previous, broken_at = 0, BEGINNING, None
    for row in await db.execute(_ALL):
        number += 1
        fits = row.id == number and row.previous == previous and row.hash == _hash(row._asdict())
        if not fits and broken_at is None:
            broken_at = row.id
        previous = row.hash
    return Chain(number, previous, broken_at)


def _hash(row: Mapping[str, Any]) -> str:
    told = {
        name: row[name]
        for name in ("id", "who", "via", "act", "object", "before", "after", "previous")
    }
    told["at"] = (row["at"] - EPOCH) // MILLISECOND
    written = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _line(row: Row[Any]) -> Line:
    return Line(row.id, row.at, row.who, row.via, row.act, row.object, row.before, row.after)
