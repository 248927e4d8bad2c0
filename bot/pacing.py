"""How fast a channel may send: overall, per address, and not at all after it said to wait.

A pacer only does arithmetic on steady seconds, so that hours of sending are tested in a moment.
Slots are spread evenly: a burst at the start of each second would break a sliding limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.channels import Pace

HEADROOM = 1.015  # so that a send delayed by a few milliseconds and a punctual one stay legal
LONGEST_EXTRA = 64  # times what the channel asked for


class Pacer:
    """The send times of one channel."""

    def __init__(self, pace: Pace) -> None:
        self._gap = HEADROOM / pace.per_second
        self._between = pace.between
        self._counted_with = pace.counted_with
        self._next = 0.0
        self._halted_until = 0.0
        self._cool_at: dict[str, float] = {}

    def take(self, address: str, now: float) -> float:
        """Reserve the next slot for *address* and return when it is, *now* at the earliest."""
        slot = max(now, self._next)
        self._next = slot + self._gap
        if between := self._between(address).total_seconds():
            self._cool_at[address] = self._cool_at[self._counted_with(address)] = slot + between
        return slot

    def wait(self, address: str, now: float) -> float:
        """Seconds until *address* may be written to: another may have used up their limit."""
        return max(0.0, self._cool_at.get(self._counted_with(address), now) - now)

    def room(self, now: float, ahead: float) -> int:
        """How many slots are free from *now* until *ahead* seconds later."""
        left = now + ahead - max(now, self._next)
        return 0 if left < 0 else 1 + int(left / self._gap)

    def cooling(self, now: float) -> frozenset[str]:
        """Addresses that may not be written to yet."""
        self._cool_at = {address: at for address, at in self._cool_at.items() if at > now}
        return frozenset(self._cool_at)

    def cool_at(self) -> float | None:
        """When the first address of the last `cooling` may be written to again, or None."""
        return min(self._cool_at.values(), default=None)

    def free_at(self) -> float:
        """When the next slot is that nobody has reserved; it may have passed."""
        return self._next

    def halt(self, until: float) -> None:
        """Send nothing before *until*; an earlier halt that lasts longer stays."""
        self._halted_until = max(self._halted_until, until)
        self._next = max(self._next, until)

    def halted(self, now: float) -> bool:
        """Whether a halt came after a slot was reserved."""
        return now < self._halted_until


@dataclass(slots=True)
class _Refused:
    times: int
    sent_before: int


class Patience:
    """How long one message waits that was told to.

    The whole channel waits as long as it was asked to. An address that is told again although
    others got through meanwhile waits twice as long each time: it alone is the trouble, and each of
    its attempts would stop everybody.
    """

    def __init__(self) -> None:
        self._sent = 0
        self._refused: dict[str, _Refused] = {}

    def sent(self, address: str) -> None:
        self._sent += 1
        self.forget(address)

    def forget(self, address: str) -> None:
        self._refused.pop(address, None)

    def wait(self, address: str, after: timedelta) -> timedelta:
        """How long a message to *address* waits that was asked to wait *after*."""
        refused = self._refused.setdefault(address, _Refused(0, self._sent))
        if self._sent > refused.sent_before:
            refused.times += 1
            refused.sent_before = self._sent
        return after * min(LONGEST_EXTRA, 1 << refused.times)
