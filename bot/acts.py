"""Acts of the command line beside the running bot: left in a folder, and taken into the audit.

One process writes the database. So what is done to the knowledge from outside is noted as a small
file, in one step, and the bot writes the audit line: soon while it runs, else when it starts.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.store import audit
from bot.store.database import Store

FOLDER: Final = "acts"
LOOK_SECONDS: Final = 60.0
LOOKED_BACK: Final = 200  # lines about one object, to see whether an act was taken in before

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Act:
    """An audit line that is still to be written. `before` and `after` hold what JSON can hold."""

    at: datetime
    via: str
    act: str
    about: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@contextmanager
def noted(data_folder: Path, act: Act) -> Iterator[None]:
    """Leave a note of what is done within; none where it fails. Raises OSError before it begins.

    The note is on the disk before, and gets its name after: what is done cannot go unnoted.
    """
    folder = data_folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{act.at:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.json"
    draft = folder / f".{name}"
    try:
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(act) | {"at": act.at.isoformat()}, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        yield
        draft.replace(folder / name)
    finally:
        draft.unlink(missing_ok=True)


async def watch(store: Store, data_folder: Path, clock: Clock) -> None:
    """Take in what was left, again and again, until cancelled. Raises StoreFailed."""
    while True:
        await take_in(store, data_folder)
        await clock.sleep(LOOK_SECONDS)


async def take_in(store: Store, data_folder: Path) -> None:
    """Write the audit lines of what was left, oldest first. Raises StoreFailed."""
    for path in _left(data_folder / FOLDER):
        act = _read(path)
        if act is not None:
            await store.write(partial(_write, act=act, name=path.stem))
            _forget(path)


def _left(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))


def _read(path: Path) -> Act | None:
    """What was noted; a file that is no note of ours is put aside, so that it is met once."""
    try:
        told = json.loads(path.read_text("utf-8"))
        return Act(**told | {"at": datetime.fromisoformat(told["at"])})
    except (ValueError, KeyError, TypeError):
        logger.exception("an act cannot be read: %s", path)
        path.replace(path.with_suffix(".unreadable"))
        return None


def _forget(path: Path) -> None:
    path.unlink()


async def _write(db: AsyncConnection, act: Act, name: str) -> None:
    """Once: a process that ended between the line and the file's end finds the line here."""
    for line in await audit.latest(db, LOOKED_BACK, about=act.about):
        if line.after.get("note") == name:
            return
    after = {**act.after, "note": name}
    await audit.append(
        db,
        at=act.at,
        who=None,
        via=act.via,
        act=act.act,
        about=act.about,
        before=act.before,
        after=after,
    )
