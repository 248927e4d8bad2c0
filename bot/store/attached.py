"""The file that goes along with an announcement, as its row names it: kind, name and digest."""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import to_json
from handlers.attachments import Attachment, stored

_column: Final = schema.broadcast.c.attachment
_NAMED = select(_column).where(_column != schema.literal(""))


def kept(attachment: Attachment | None) -> str:
    """What the column holds; empty where nothing goes along."""
    if attachment is None:
        return ""
    digest = attachment.content["sha256"]
    return to_json({"kind": attachment.kind, "name": attachment.name, "sha256": digest})


def read(column: str) -> Attachment | None:
    return stored(**json.loads(column)) if column else None


async def named_files(db: AsyncConnection) -> frozenset[str]:
    """The digests of all files that some announcement names."""
    columns = (await db.scalars(_NAMED)).all()
    return frozenset(json.loads(column)["sha256"] for column in columns)
