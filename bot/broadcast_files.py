"""The pictures and documents that go along with announcements, as files in the data folder.

Each is kept once, named by the digest of what is in it, so nothing that a person typed becomes a
path, and what is damaged is found out before it is sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import re
import struct
import zipfile
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.drawing import MOST_BYTES, NotDrawnError
from bot.fetching import Fetch, fetched
from bot.operations.refusals import Unfit, Why
from bot.picture_shape import MOST_PIXELS, MOST_TIMES, can_be_shown
from handlers.attachments import DOCUMENT, PICTURE, SHA256, Attachment, SentFile, stored

FOLDER: Final = "files"
LONGEST_NAME: Final = 80
GRACE: Final = timedelta(hours=1)  # a file is kept before the announcement that names it

_NOT_IN_A_NAME: Final = re.compile(r"[^\w .,()+-]+")
_MACROS: Final = "vbaProject.bin"
_MEGABYTE: Final = 1024 * 1024


def folder_of(data_folder: Path) -> Path:
    return data_folder / FOLDER


class Files:
    """The files of one folder, which is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, path: Path) -> Attachment:
        """Keep a copy of a file to send. Raises OSError, and Unfit as `take` does."""
        with path.open("rb") as file:
            return self.take(path.name, file.read(MOST_BYTES + 1))

    def take(self, name: str, content: bytes) -> Attachment:
        """Keep what is to be sent under this name. Raises OSError, and Unfit where it is not sent.

        What it is must be what its name says: nobody should open a program as a picture.
        """
        ending = _ending(name)
        kind, is_one = _ENDINGS.get(ending, (DOCUMENT, _never))
        if len(content) > MOST_BYTES:
            raise Unfit(Why.FILE_SIZE, most=MOST_BYTES // _MEGABYTE)
        if not is_one(content):
            raise Unfit(Why.FILE)
        if kind == PICTURE and not can_be_shown(content):
            raise Unfit(Why.FILE_SHAPE, most=MOST_PIXELS, times=MOST_TIMES)
        digest = hashlib.sha256(content).hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{digest}.part"
        part.write_bytes(content)
        part.replace(self._folder / digest)
        return stored(kind, _name(Path(name).stem) + ending, digest)

    def read(self, content: Mapping[str, Any]) -> bytes:
        """The bytes that a `StoredContent` stands for. Raises OSError, NotDrawnError."""
        digest = str(content["sha256"])
        if not SHA256.fullmatch(digest):
            raise NotDrawnError("what names the file is no digest")
        made = (self._folder / digest).read_bytes()
        if hashlib.sha256(made).hexdigest() != digest:
            raise NotDrawnError("the file is not what it was")
        return made

    def tidy(self, named: Collection[str], now: datetime) -> None:
        """Remove what no announcement names, but nothing that was kept within the last hour."""
        if not self._folder.is_dir():
            return
        until = (now - GRACE).timestamp()
        for path in self._folder.iterdir():
            ours = SHA256.fullmatch(path.name.removesuffix(".part"))
            if ours and path.name not in named and path.stat().st_mtime < until:
                path.unlink(missing_ok=True)


async def received(files: Files, file: SentFile, fetch: Fetch) -> Attachment:
    """Fetch and keep what somebody sent to go along. Raises OSError, Unfit.

    What is refused by its name or by the size that is told is not fetched at all.
    """
    if _ending(file.name) not in _ENDINGS:
        raise Unfit(Why.FILE)
    content = await fetched(file, fetch, MOST_BYTES)
    return await asyncio.to_thread(files.take, file.name, content)


def _ending(name: str) -> str:
    return Path(name).suffix.lower()


def _name(stem: str) -> str:
    """What the recipients see as the file's name: letters, digits and a few signs."""
    shown = _NOT_IN_A_NAME.sub("_", os.fsencode(stem).decode("utf-8", "replace"))
    return shown[:LONGEST_NAME].strip(" .") or "tep"


def _never(_content: bytes) -> bool:
    return False


def _begins(*signature: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signature)


def _office(main: str) -> Callable[[bytes], bool]:
    """An Office file with this main part, and no program inside. Nothing is unpacked."""

    def is_one(content: bytes) -> bool:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                names = set(parts.namelist())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error):
            return False
        whole = content.startswith(b"PK\x03\x04") and {"[Content_Types].xml", main} <= names
        return whole and not any(name.endswith(_MACROS) for name in names)

    return is_one


_ENDINGS: Final[Mapping[str, tuple[str, Callable[[bytes], bool]]]] = {
    ".png": (PICTURE, _begins(b"\x89PNG\r\n\x1a\n")),
    ".jpg": (PICTURE, _begins(b"\xff\xd8\xff")),
    ".jpeg": (PICTURE, _begins(b"\xff\xd8\xff")),
    ".pdf": (DOCUMENT, _begins(b"%PDF-")),
    ".docx": (DOCUMENT, _office("word/document.xml")),
    ".xlsx": (DOCUMENT, _office("xl/workbook.xml")),
}
