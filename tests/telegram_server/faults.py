"""Things that go wrong between bot and Telegram, by script or by seeded chance.

A fault says what happens; whether the message counts as sent follows from where it happens: a lost,
truncated or slow answer comes after the message was accepted, everything else before.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Any

from tests.telegram_server.errors import ApiError, too_many

if TYPE_CHECKING:
    from tests.telegram_server.call import Call


class What(StrEnum):
    TOO_MANY = "too_many"
    FORBIDDEN = "forbidden"
    BAD_REQUEST = "bad_request"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    SLOW = "slow"
    LOST = "lost"
    RESET = "reset"
    TRUNCATED = "truncated"


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong *times* times (`None`: always) for a method, a chat or everyone."""

    what: What
    method: str | None = None
    chat: int | None = None
    times: int | None = 1
    probability: float = 1.0
    retry_after: int = 1
    seconds: float = 0.0
    description: str = ""

    def __post_init__(self) -> None:
        self.what = What(self.what)

    def fits(self, call: Call) -> bool:
        if self.times == 0 or (self.method and self.method.lower() != call.method):
            return False
        return self.chat is None or self.chat == call.integer("chat_id")

    def error(self) -> ApiError | None:
        """Return the refusal that this fault answers with, if it is an answer in JSON."""
        match self.what:
            case What.TOO_MANY:
                return too_many(self.retry_after)
            case What.FORBIDDEN:
                return ApiError(403, self.description or "Forbidden: bot was blocked by the user")
            case What.BAD_REQUEST:
                return ApiError(400, self.description or "Bad Request: wrong request")
            case What.SERVER_ERROR:
                return ApiError(500, self.description or "Internal Server Error")
            case _:
                return None


class Faults:
    """The faults in force, tried in the order in which they were added."""

    def __init__(self, seed: int = 0) -> None:
        self.planned: list[Fault] = []
        self._chance = Random(seed)  # noqa: S311 -- reproducible, not secret

    def add(self, what: What | str, **when: Any) -> Fault:
        """Plan a fault; *when* holds the other fields of `Fault`."""
        fault = Fault(What(what), **when)
        self.planned.append(fault)
        return fault

    def seed(self, seed: int) -> None:
        self._chance.seed(seed)

    def clear(self) -> None:
        self.planned.clear()

    def strike(self, call: Call) -> Fault | None:
        """Return the fault that befalls *call* and use it up."""
        for fault in self.planned:
            if fault.fits(call) and self._chance.random() < fault.probability:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
