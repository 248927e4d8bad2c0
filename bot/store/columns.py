"""What the tables are made of: moments, JSON, constants of the SQL text, and names that last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Dialect,
    FromClause,
    MetaData,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from handlers.conversation import Conversation

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
ERASED: Final = "erased:"  # how an id or a tax code begins that leads nowhere any more


class UtcTime(TypeDecorator[datetime]):
    """A moment as whole UTC milliseconds. Refuses a naive datetime; gives back an aware UTC one."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        del dialect
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a moment needs a time zone: {value!r}")
        return (value - EPOCH) // MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else EPOCH + value * MILLISECOND


def to_json(value: Any) -> str:  # noqa: ANN401 - the driver's serializer takes any JSON value
    """Write Vietnamese as it is read, so that a search in the raw file finds what is stored."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def literal(text: str) -> ColumnElement[str]:
    """Give a constant of this code as it must stand in the SQL text; never for input."""
    return literal_column(f"'{text}'", Text)


def literals(texts: Sequence[str]) -> list[ColumnElement[str]]:
    return [literal(text) for text in texts]


def listed(name: str) -> Select[Any]:
    """Select the members of a list that is bound whole, under this name.

    A parameter for each member is written out anew at every call: with a thousand busy addresses
    that took longer than finding the next rows.
    """
    return select(func.json_each(bindparam(name, type_=JSON)).table_valued("value").c.value)


def of_conversation(table: FromClause) -> ColumnElement[bool]:
    """Its rows about one chat, which `bound` names."""
    return and_(
        table.c.channel == bindparam("of_channel"),
        table.c.conversation == bindparam("of_conversation"),
    )


def bound(conversation: Conversation) -> dict[str, Any]:
    """The parameters of `of_conversation`."""
    return {"of_channel": conversation.channel, "of_conversation": conversation.id}


def same_conversation(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Where a row of each is about one chat."""
    return and_(one.c.channel == other.c.channel, one.c.conversation == other.c.conversation)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
