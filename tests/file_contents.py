"""Files as people send them: each begins with what its name promises."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.broadcast_files import Files, received
from handlers.attachments import Attachment, SentFile

PNG = b"\x89PNG\r\n\x1a\n a poster"
PDF = b"%PDF-1.7 an invitation"
JPEG = b"\xff\xd8\xff a photo"
PROGRAM = b"MZ a program"


def office(*parts: str) -> bytes:
    """An Office file with these parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for part in ("[Content_Types].xml", *parts):
            made.writestr(part, "<x/>")
    return content.getvalue()


_CONTENTS = {
    ".png": PNG,
    ".pdf": PDF,
    ".jpg": JPEG,
    ".docx": office("word/document.xml"),
    ".xlsx": office("xl/workbook.xml"),
}


def keeper(folder: Path) -> Callable[[str, SentFile], Awaitable[Attachment]]:
    """What keeps the files that people send, as the application does, in *folder*."""
    files = Files(folder)

    async def keep(_channel: str, file: SentFile) -> Attachment:
        return await received(files, file, content_of)

    return keep


async def content_of(name: str) -> bytes:
    """What a file of this name holds; of an unknown kind, a program."""
    return _CONTENTS.get(Path(name).suffix, PROGRAM)
