"""From an attachment's data to the bytes of its file: in a thread, one at a time, within limits.

The libraries that draw are imported when something is drawn for the first time: a bot that sends
no picture never pays for them. They need no display.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from handlers import attachments

MOST_DATA = 200_000  # bytes of JSON: what is drawn must fit into memory, whatever was queued
MOST_BYTES = 5 * 1024 * 1024  # half of what the narrowest platform takes for a picture


Maker = Callable[[Mapping[str, Any]], bytes]
NOTHING_LIVE: Mapping[str, Maker] = {}


class NotDrawnError(Exception):
    """This data makes no file, and never will."""


def draw(kind: str, content: Mapping[str, Any], live: Mapping[str, Maker] = NOTHING_LIVE) -> bytes:
    """The file's bytes, at most `MOST_BYTES`. Raises NotDrawnError, whatever went wrong.

    `live` makes the kinds of `attachments.LIVE`, from what is true at this moment.
    """
    try:
        _check("data", len(json.dumps(content)), MOST_DATA)
        made = (MAKERS.get(kind) or live[kind])(content)
        _check("file", len(made), MOST_BYTES)
    except NotDrawnError:
        raise
    except Exception as error:
        # Data of another version, a font that cannot be read: the words go out without a file.
        raise NotDrawnError(f"{kind}: {error!r}") from error
    return made


def _check(what: str, size: int, most: int) -> None:
    if size > most:
        raise NotDrawnError(f"{what} of {size} bytes is larger than {most}")


def _radar(content: Mapping[str, Any]) -> bytes:
    from bot import pictures

    axes = [(str(axis["name"]), float(axis["value"])) for axis in content["axes"]]
    return pictures.radar(content["title"], axes, content["most"])


def _bars(content: Mapping[str, Any]) -> bytes:
    from bot import pictures

    groups = [
        (str(group["heading"]), [(str(bar["name"]), int(bar["value"])) for bar in group["bars"]])
        for group in content["groups"]
    ]
    return pictures.bars(content["title"], groups)


def _checklist(content: Mapping[str, Any]) -> bytes:
    from bot import documents

    return documents.checklist(content)


MAKERS: Mapping[str, Maker] = {
    attachments.RADAR: _radar,
    attachments.BARS: _bars,
    attachments.CHECKLIST: _checklist,
}


class Drawer:
    """Draws in a thread of its own, one file at a time: each takes megabytes while it is made.

    The thread begins with the first drawing, and ends with the drawer or the process.
    """

    def __init__(self, draw: Callable[[str, Mapping[str, Any]], bytes] = draw) -> None:
        self._draw = draw
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drawing")

    async def draw(self, kind: str, content: Mapping[str, Any]) -> bytes:
        """See `draw`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._draw, kind, content)
