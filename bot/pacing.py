"""How fast a channel may send: overall, per address, and not at all after it said to wait.

A pacer only does arithmetic on steady seconds, so that hours of sending are tested in a moment.
Slots are spread evenly: a burst at the start of each second would break a sliding limit.
"""

from __future__ import annotations

from bot.channels import Pace

HEADROOM = 1.015  # so that a send delayed by a few milliseconds and a punctual one stay legal


class Pacer:
    """The send times of one channel."""

    def __init__(self, pace: Pace) -> None:
        self._gap = HEADROOM / pace.per_second
        self._per_address = pace.per_address.total_seconds()
        self._next = 0.0
        self._halted_until = 0.0
        self._cool_at: dict[str, float] = {}

    def take(self, address: str, now: float) -> float:
        """Reserve the next slot for *address* and return when it is, *now* at the earliest."""
        slot = max(now, self._next)
        self._next = slot + self._gap
        if self._per_address:
            self._cool_at[address] = slot + self._per_address
        return slot

    def cooling(self, now: float) -> frozenset[str]:
        """Addresses that may not be written to yet."""
        self._cool_at = {address: at for address, at in self._cool_at.items() if at > now}
        return frozenset(self._cool_at)

    def cool_at(self) -> float | None:
        """When the first cooling address may be written to again, or None."""
        return min(self._cool_at.values(), default=None)

    def wait(self, now: float) -> float:
        """Seconds until the next slot that nobody has reserved."""
        return max(0.0, self._next - now)

    def halt(self, until: float) -> None:
        """Send nothing before *until*; an earlier halt that lasts longer stays."""
        self._halted_until = max(self._halted_until, until)
        self._next = max(self._next, until)

    def halted(self, now: float) -> bool:
        """Whether a halt came after a slot was reserved: take another one then."""
        return now < self._halted_until
