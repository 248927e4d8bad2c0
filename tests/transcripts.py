"""Transcripts: whole conversations as text that a colleague in the department can read and write.

    # anything: a remark
    @ 2026-11-20 09:00      the day and hour from here on (in Viet Nam)
    @ Minh                  from here on this person writes; before that, Lan does
    @ hạn gtclqg.registration.2027 2027-03-31 17:00
                            from here on this deadline has this last day (and hour, if any)
    > hạn nộp khi nào       typed
    > [Gửi phiếu]           pressed: a button where there are buttons, else its number or words
    > {nút cũ: Đồng ý}      a button of an earlier message, pressed again
    > {số: 0912345678}      a phone number, shared with the platform's own button
    > {ảnh}                 a picture
    < Vâng …                one line of the answer; "…" stands for any words
    < …                     any lines
    < {tệp.png} Hình …      a file that goes along, with its caption
    < [Có] [Không]          exactly these choices are offered with it
    = form                  what became of the message (`handlers.conversation.Outcome`)

Each is played through the real engine, a real database file and a channel's own rendering, and
what that makes is held against the channel's limits. A message without expected lines is only sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from sqlalchemy import select

from bot.channels import Pace, Payload
from bot.channels.console import ConsoleChannel
from bot.channels.telegram import rendering
from bot.channels.text import plain
from bot.delivery import Delivery
from bot.drawing import draw
from bot.engine import Engine
from bot.store import schema
from bot.store.database import Store
from handlers import Handler, route
from handlers.conversation import MAX_ACTION_BYTES, Choice, Conversation, Incoming, Reply, numbered
from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Knowledge
from knowledge.rules import key_of
from tests.telegram_server.entities import parse_html

FOLDER = Path(__file__).with_name("conversations")
START = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)
BETWEEN = timedelta(seconds=20)
SHARE, HINT = "Gửi số điện thoại của tôi", "Bấm nút bên dưới, hoặc gõ số."

_SPECIAL = re.compile(r"\{(ảnh|nút cũ|số)(?:: (.+))?\}")
_LABELS = re.compile(r"\[([^\[\]]+)\]")


class Line(NamedTuple):
    """One line of a transcript: its mark (`@`, `>`, `<` or `=`), its words, and its number."""

    mark: str
    words: str
    number: int


def lines(path: Path) -> Iterator[Line]:
    """The lines that say something. Raises ValueError for a line that begins in no known way."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        mark, _, words = line.partition(" ")
        if line.strip() and mark != "#":
            if mark not in {"@", ">", "<", "="}:
                raise ValueError(f"{path.name}:{number}: {line!r}")
            yield Line(mark, words.strip(), number)


class Renderer(Protocol):
    """How one channel shows a reply, and how a person answers it there."""

    name: str

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """As `bot.channels.Channel` does."""

    def check(self, payload: Payload) -> str:
        """The words that a person reads. Raises AssertionError where the platform would refuse."""

    def answer(self, incoming: Incoming, reply: Reply, choice: Choice) -> Incoming:
        """What choosing *choice* under *reply* sends."""


class ConsoleRenderer:
    """The terminal: choices are lines, chosen by their number or in words."""

    name = "console"

    def __init__(self) -> None:
        self._channel = ConsoleChannel(lambda: START, FOLDER)

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        return self._channel.render(reply)

    def check(self, payload: Payload) -> str:
        return plain(payload["text"])

    def answer(self, incoming: Incoming, reply: Reply, choice: Choice) -> Incoming:
        number = next(number for number, each in numbered(reply.choices) if each == choice)
        return replace(incoming, text=number if reply.numbered else choice.label)


class TelegramRenderer:
    """Telegram: choices are buttons under the last message of a reply."""

    name = "telegram"

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        return rendering.render(reply, SHARE, HINT)

    def check(self, payload: Payload) -> str:
        if "attachment" in payload:
            caption: str = payload["caption"]
            assert 0 < rendering.utf16(caption) <= rendering.MAX_CAPTION
            return caption
        text = parse_html(payload["text"])[0]
        assert 0 < rendering.utf16(text) <= rendering.MAX_TEXT
        rows = payload.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        assert len(buttons) <= rendering.MAX_BUTTONS
        assert all(button["text"].strip() for button in buttons)
        assert all(len(b["callback_data"].encode()) <= MAX_ACTION_BYTES for b in buttons)
        return re.sub(r"^• ", "- ", text, flags=re.MULTILINE)

    def answer(self, incoming: Incoming, reply: Reply, choice: Choice) -> Incoming:
        rows = self.render(reply)
        pressed = [
            button["callback_data"]
            for payload in rows
            for row in payload.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
            if button["callback_data"] == choice.action
        ]
        return replace(incoming, action=pressed[0])


class SetClock:
    """See `bot.clock.Clock`: it stands where the transcript sets it."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def steady(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits here ({seconds} s)")


class Screen:
    """A `bot.channels.Channel` that shows what it is to send, and sends nothing."""

    pace = Pace(1000.0, timedelta(0))

    def __init__(self, renderer: Renderer) -> None:
        self.name = renderer.name
        self.renderer = renderer
        self.shown: list[Reply] = []

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        payloads = self.renderer.render(reply)
        read = "\n".join(map(self.renderer.check, payloads))
        for line in plain(reply.text).split("\n"):
            assert line.strip() in read, f"{self.name} does not show {line!r}"
        if reply.attachment is not None:
            assert draw(reply.attachment.kind, reply.attachment.content)
            assert reply.attachment.caption in read
        self.shown.append(reply)
        return payloads

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def send(self, address: str, payload: Payload) -> str:
        raise AssertionError(f"{address}: {payload}")

    async def run(self, inbox: object) -> None:
        raise AssertionError(inbox)


@dataclass(slots=True)
class Chat:
    """One person's side of the screen: what was offered, and the answer that stands there now."""

    conversation: Conversation
    offered: list[Choice] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)


class Player:
    """Plays one transcript. Use each for one file."""

    def __init__(
        self, store: Store, knowledge: Knowledge, renderer: Renderer, handler: Handler = route
    ) -> None:
        self._knowledge = knowledge
        self._screen = Screen(renderer)
        self._clock = SetClock()
        self._store = store
        ways_out = {renderer.name: Delivery(store, self._screen, self._clock)}
        self._engine = Engine(
            store,
            lambda: self._knowledge,
            ways_out,
            lambda _name, reply: self._screen.render(reply),
            self._clock,
            handler,
        )
        self._chats: dict[str, Chat] = {}
        self._who = "Lan"
        self._sent = 0

    async def play(self, path: Path) -> None:
        """Raises AssertionError, with file and line, at the first thing that is not as written."""
        answer: list[Line] = []
        for line in (*lines(path), Line(">", "", 0)):
            if line.mark == "<":
                answer.append(line)
                continue
            if answer:
                self._compare(path, answer)
                answer = []
            if line.mark == "@":
                self._direct(line.words)
            elif line.mark == "=":
                found = await self._outcome()
                assert found == line.words, f"{path.name}:{line.number}: {found}"
            elif line.number:
                await self._say(path, line)

    def _chat(self) -> Chat:
        conversation = Conversation(self._screen.name, self._who)
        return self._chats.setdefault(self._who, Chat(conversation))

    def _direct(self, words: str) -> None:
        if words.startswith("hạn "):
            self._announce(*words.split()[1:])
        elif words[:1].isdigit():
            self._clock.at = datetime.fromisoformat(words).replace(tzinfo=VIETNAM)
        else:
            self._who = words

    def _announce(self, key: str, day: str, hour: str = "") -> None:
        programme, milestone, year = key.split(".")
        new = Deadline(
            programme,
            milestone,
            int(year),
            closes_on=date.fromisoformat(day),
            closes_at=time.fromisoformat(hour) if hour else None,
        )
        others = [each for each in self._knowledge.deadlines if key_of(each) != key]
        self._knowledge = replace(self._knowledge, deadlines=(*others, new))

    async def _say(self, path: Path, line: Line) -> None:
        chat = self._chat()
        self._sent += 1
        self._clock.at += BETWEEN
        bare = Incoming(chat.conversation, str(self._sent), self._clock.at)
        try:
            incoming = self._incoming(chat, bare, line.words)
        except LookupError:
            offered = " ".join(f"[{choice.label}]" for choice in chat.offered[-20:])
            raise AssertionError(f"{path.name}:{line.number}: only {offered}") from None
        self._screen.shown = []
        await self._engine.receive(incoming)
        chat.replies = self._screen.shown
        chat.offered += [choice for reply in chat.replies for choice in reply.choices]

    def _incoming(self, chat: Chat, bare: Incoming, words: str) -> Incoming:
        if words.startswith("[") and words.endswith("]"):
            reply, choice = _offered(chat.replies, words[1:-1])
            return self._screen.renderer.answer(bare, reply, choice)
        special = _SPECIAL.fullmatch(words)
        if special is None:
            return replace(bare, text=words)
        if special[1] == "ảnh":
            return replace(bare, unreadable=True)
        if special[1] == "số":
            return replace(bare, phone=special[2])
        old = [choice for choice in chat.offered if choice.label == special[2]]
        return replace(bare, action=old[-1].action)

    def _compare(self, path: Path, expected: list[Line]) -> None:
        chat = self._chat()
        said = [line for reply in chat.replies for line in _read(reply)]
        offered = [choice.label for reply in chat.replies for choice in reply.choices]
        wanted = []
        for line in expected:
            if line.words.startswith("["):
                labels = _LABELS.findall(line.words)
                assert offered == labels, f"{path.name}:{line.number}: {offered}"
            else:
                wanted.append(line)
        shown = "\n".join(said)
        for end in range(1, len(wanted) + 1):
            pattern = _pattern([line.words for line in wanted[:end]], whole=end == len(wanted))
            where = f"{path.name}:{wanted[end - 1].number}"
            assert re.match(pattern, shown), f"{where}: {wanted[end - 1].words!r} in\n{shown}"

    async def _outcome(self) -> str:
        table = schema.message
        latest = select(table.c.outcome).where(
            table.c.channel == self._screen.name, table.c.external_id == str(self._sent)
        )
        return str(await self._store.read(lambda db: db.scalar(latest)))


def _read(reply: Reply) -> Iterator[str]:
    """The lines that are read of a reply, its file before its words."""
    if reply.attachment is not None:
        yield f"{{{reply.attachment.name}}} {reply.attachment.caption}"
    yield from (line.strip() for line in plain(reply.text).split("\n") if line.strip())


def _offered(replies: list[Reply], label: str) -> tuple[Reply, Choice]:
    """The choice of this label in what was said last. Raises LookupError."""
    for reply in reversed(replies):
        for choice in reply.choices:
            if choice.label == label:
                return reply, choice
    raise LookupError(label)


def _pattern(expected: list[str], *, whole: bool) -> str:
    """Lines as a regular expression: a line "…" is any lines, an "…" within one is any words."""
    parts = []
    for words in expected:
        if words == "…":
            parts.append(r"(?:[^\n]*(?:\n|$))*?")
        else:
            parts.append(r"[^\n]*?".join(map(re.escape, words.split("…"))) + r"(?:\n|$)")
    return "".join(parts) + (r"\Z" if whole else "")
