"""How wide and high a picture is, read from its first bytes: nothing is decoded.

The narrowest platform's limits (Telegram's `sendPhoto`) are known before anything is sent: else a
picture would be refused only when it goes out to everybody.
"""

from __future__ import annotations

import struct
from typing import Final

MOST_PIXELS: Final = 10_000  # width and height together
MOST_TIMES: Final = 20  # the longer side, in shorter ones

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
# Where a JPEG tells its size; the other numbers of this range are tables.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def can_be_shown(content: bytes) -> bool:
    """Whether a PNG or JPEG is within the limits; one that tells no size gets the doubt."""
    size = measured(content)
    if size is None:
        return True
    short, long = sorted(size)
    return sum(size) <= MOST_PIXELS and long <= MOST_TIMES * max(1, short)


def measured(content: bytes) -> tuple[int, int] | None:
    """Width and height; None where they do not stand where they should."""
    try:
        if content.startswith(_PNG):
            width, height = struct.unpack_from(">II", content, 16)
            return width, height
        return _jpeg(content) if content.startswith(_JPEG) else None
    except (struct.error, IndexError):
        return None


def _jpeg(content: bytes) -> tuple[int, int] | None:
    place = len(_JPEG)
    while content[place] == 0xFF:  # noqa: PLR2004 - how every part begins
        (length,) = struct.unpack_from(">H", content, place + 2)
        if content[place + 1] in _FRAMES:
            height, width = struct.unpack_from(">HH", content, place + 5)
            return width, height
        place += 2 + length
    return None
