"""Updates on their way to the bot: kept until the bot confirms them, whichever way it fetches them.

By polling, an update is confirmed when `getUpdates` asks for a higher offset; by webhook, when the
answer is 2xx. Only one poll may wait: a newer one ends it, and so does a webhook.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.telegram_server.errors import ApiError, conflict
from tests.telegram_server.waiting import Bell

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

LONGEST_POLL = 50
OTHER_POLL = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
_ONLY_ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(frozen=True, slots=True)
class Update:
    """`lane` keeps order: Telegram's webhooks deliver one chat's updates one after the other."""

    id: int
    body: Json
    lane: int


class UpdateQueue:
    def __init__(self, first_id: int = 1) -> None:
        self.next_id = first_id
        self.allowed: list[str] = []
        self.pending: dict[int, Update] = {}
        self.known: dict[int, Update] = {}
        self.again: list[Update] = []
        self.added = Bell()
        self.on_add: Callable[[Update], None] | None = None
        self._poll: object = None
        self._ended_by: ApiError | None = None

    def add(self, kind: str, content: Json, lane: int) -> int:
        """Queue an update, unless the bot did not ask for its kind; return its id or 0."""
        if not self.wants(kind):
            return 0
        return self.add_raw({kind: content}, lane)

    def add_raw(self, body: Json, lane: int = 0) -> int:
        update = Update(self.next_id, {"update_id": self.next_id} | body, lane)
        self.next_id += 1
        self.pending[update.id] = self.known[update.id] = update
        self._announce(update)
        return update.id

    def repeat(self, update_id: int) -> None:
        """Deliver the same update once more, although it may be confirmed already."""
        update = self.known[update_id]
        if self.on_add is None:
            self.again.append(update)
        self._announce(update)

    def wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in _ONLY_ON_REQUEST

    def allow(self, kinds: Any) -> None:
        """Take over `allowed_updates`; absent, the earlier choice stays."""
        if isinstance(kinds, list):
            self.allowed = [str(kind) for kind in kinds]

    def forget(self, update_id: int) -> None:
        self.pending.pop(update_id, None)

    def drop_all(self) -> None:
        self.pending.clear()
        self.again.clear()

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109 -- an argument of the protocol
        """Confirm what lies before *offset*, then wait for what comes from there."""
        self.end_poll(conflict(OTHER_POLL))
        start = self._confirm(offset)
        if (page := self._page(start, limit)) or not timeout:
            return page
        mine = self._poll = object()
        self._ended_by = None
        self.added.ring()
        try:
            return await self.added.until(
                lambda: None if self._still(mine) else self._page(start, limit), timeout
            )
        except TimeoutError:
            return []
        finally:
            if self._poll is mine:
                self._poll = None

    async def polled(self) -> None:
        """Wait until a long poll waits."""
        await self.added.until(lambda: self._poll, LONGEST_POLL)

    def end_poll(self, why: ApiError) -> None:
        if self._poll is not None:
            self._poll, self._ended_by = None, why
            self.added.ring()

    def _still(self, mine: object) -> bool:
        """Tell whether there is reason to wait on; raise when another poll took over."""
        if self._poll is not mine:
            raise self._ended_by or conflict(OTHER_POLL)
        return not self.pending and not self.again

    def _confirm(self, offset: int) -> int:
        if offset < 0:
            offset = max(self.next_id + offset, 0)
        elif offset > self.next_id:
            # An offset from the future (of another bot, another server) confirms nothing.
            return 0
        for update_id in list(self.pending):
            if update_id >= offset:
                break
            del self.pending[update_id]
        return offset

    def _page(self, start: int, limit: int) -> list[Json]:
        again, self.again = self.again[:limit], self.again[limit:]
        page = [update.body for update in again]
        for update in self.pending.values():
            if len(page) >= limit:
                break
            if update.id >= start:
                page.append(update.body)
        return page

    def _announce(self, update: Update) -> None:
        if self.on_add is not None:
            self.on_add(update)
        self.added.ring()
