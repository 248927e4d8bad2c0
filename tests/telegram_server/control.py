"""The remote control: what a test does with objects in its own process, another process does here.

Every call is `POST /control/<name>` with a JSON object (`GET` does, where no argument is needed):

    users {id, first_name, started}         groups {id, title, forum, members, bot_status}
    act {person, act, into, ...}            act {group, act, by, ...}
    crowd {first, count, text}              raw {update, lane}, poison {chat}, repeat {update_id}
    faults {what, method, chat, times, ...} clear, seed {seed}, settings {latency, flood}
    sent {since, chat}, arrivals {since}    refusals, injected, deliveries, busiest {seconds, chat}
    wait {sent, altered, refusals, confirmed, timeout}    counts, pending, state, health

`act` takes the names of the methods of `Person` and `Group` and their arguments. A mistake of the
caller is answered with 400 and its reason, a wait in vain with 408.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.telegram_server.limits import Flood
from tests.telegram_server.record import Message
from tests.telegram_server.state import dump
from tests.telegram_server.world import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.telegram_server.people import Group, Person
    from tests.telegram_server.server import TelegramServer

Json = dict[str, Any]

_PERSON_ACTS = {
    "starts",
    "types",
    "edits",
    "sends_photo",
    "sends_document",
    "sends_sticker",
    "sends_voice",
    "sends_location",
    "shares_contact",
    "presses",
    "forges",
    "blocks",
    "unblocks",
    "deactivates",
}
_GROUP_ACTS = {"opens_topic", "migrates", "adds_bot", "removes_bot"}


class Control:
    def __init__(self, server: TelegramServer) -> None:
        self.server = server
        self._calls: dict[str, Callable[[Json], Any]] = {
            "health": lambda _: {"ok": True},
            "users": self._users,
            "groups": self._groups,
            "act": self._act,
            "crowd": self._crowd,
            "raw": lambda a: server.updates.add_raw(a["update"], a.get("lane", 0)),
            "poison": lambda a: server.poison(a.get("chat", 0)),
            "repeat": lambda a: server.repeats(a["update_id"]),
            "faults": lambda a: str(server.faults.add(**a)),
            "clear": lambda _: server.faults.clear(),
            "seed": lambda a: server.faults.seed(a["seed"]),
            "settings": self._settings,
            "sent": self._sent,
            "refusals": lambda _: [r._asdict() for r in server.refusals],
            "injected": lambda _: [i._asdict() for i in server.record.injected],
            "arrivals": lambda a: server.record.arrivals[a.get("since", 0) :],
            "deliveries": lambda _: server.record.deliveries,
            "busiest": lambda a: server.record.busiest(a.get("seconds", 1.0), a.get("chat")),
            "counts": lambda _: self._counts(),
            "pending": lambda _: [u.body for u in server.updates.pending.values()],
            "state": lambda _: dump(server),
        }

    async def handle(self, request: web.BaseRequest) -> web.Response:
        name = request.path.removeprefix("/control/")
        try:
            body = await request.read()
            args = json.loads(body) if body else {}
            if name == "wait":
                result: Any = await self._wait(args)
            else:
                result = self._calls[name](args)
        except (LookupError, TypeError, ValueError, AttributeError, PermissionError) as error:
            return web.json_response({"error": repr(error)}, status=400)
        except TimeoutError:
            return web.json_response({"error": "timed out", "counts": self._counts()}, status=408)
        return web.json_response(result)

    def _users(self, args: Json) -> Json:
        args = dict(args)
        return self.server.user(args.pop("id"), **args).user

    def _groups(self, args: Json) -> Json:
        args = dict(args)
        if "members" in args:  # JSON has no numbers for keys.
            args["members"] = {int(k): v for k, v in args["members"].items()}
        return self.server.group(args.pop("id"), **args).chat.about

    def _act(self, args: Json) -> Any:
        args = dict(args)
        act = args.pop("act")
        if "into" in args:
            args["into"] = self.server.group(args["into"])
        if "by" in args:
            args["by"] = self.server.user(args["by"])
        actor: Person | Group
        if "group" in args:
            actor, allowed = self.server.group(args.pop("group")), _GROUP_ACTS
        else:
            actor, allowed = self.server.user(args.pop("person")), _PERSON_ACTS
        if act not in allowed:
            raise LookupError(f"no such act: {act}")
        return _plain(getattr(actor, act)(**args))

    def _crowd(self, args: Json) -> int:
        """Let many new people write at once; return how many updates wait."""
        for number in range(args["first"], args["first"] + args["count"]):
            self.server.user(number).types(args["text"])
        return len(self.server.updates.pending)

    def _settings(self, args: Json) -> Json:
        if "latency" in args:
            self.server.latency = args["latency"]
        if "flood" in args:
            self.server.flood = None if args["flood"] is None else Flood(**args["flood"])
        return args

    def _sent(self, args: Json) -> list[Json]:
        chat = args.get("chat")
        messages = self.server.sent[args.get("since", 0) :]
        return [m.as_json() for m in messages if chat is None or m.chat_id == chat]

    def _counts(self) -> Json:
        updates = self.server.updates
        return {
            "sent": len(self.server.sent),
            "altered": self.server.record.altered,
            "refusals": len(self.server.refusals),
            "confirmed": len(updates.known) - len(updates.pending),
        }

    async def _wait(self, args: Json) -> Json:
        """Wait until each count that *args* names has been reached."""
        wanted = {name: args[name] for name in self._counts().keys() & args.keys()}
        await self.server.until(
            lambda: all(self._counts()[name] >= wanted[name] for name in wanted),
            args.get("timeout", 5.0),
        )
        return self._counts()


def _plain(result: Any) -> Any:
    if isinstance(result, Message):
        return result.as_json()
    if isinstance(result, Query):
        return {"query_id": result.id, "data": result.data}
    return result if result is None or isinstance(result, int | str) else {"id": result.id}
