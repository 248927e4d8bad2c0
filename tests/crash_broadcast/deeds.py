"""What the announcement under fire does to its recipients, and how one sees that it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.operations.broadcasts import Changes, Draft

TEXT: Final = "Thông báo thử: hạn nộp hồ sơ tham dự Giải thưởng"
FIRST: Final = 1  # the broadcast that says it
CORRECTED: Final = f"Đính chính. {TEXT}"


@dataclass(frozen=True, slots=True)
class Deed:
    """`method` of the Bot API does it, `counted` is the server's count of it."""

    draft: Draft
    method: str
    counted: str
    shows: Callable[[Mapping[str, Any]], bool]


DEEDS: Final[Mapping[str, Deed]] = {
    "send": Deed(Draft(TEXT), "sendMessage", "sent", lambda message: TEXT in message["text"]),
    "edit": Deed(
        Draft(CORRECTED, correction_of=FIRST, changes=Changes.EDIT),
        "editMessageText",
        "altered",
        lambda message: CORRECTED in message["text"],
    ),
    "withdraw": Deed(
        Draft("", correction_of=FIRST, changes=Changes.WITHDRAW),
        "deleteMessage",
        "altered",
        lambda message: TEXT in message["text"] and message["deleted"],
    ),
}
