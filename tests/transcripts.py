"""Transcripts: whole conversations as text that a colleague in the department can read and write.

    # anything: a remark
    @ 2026-11-20 09:00      the day and hour from here on (in Viet Nam)
    @ Minh                  from here on this person writes; before that, Lan does
    @ Hoa trong Nhóm        the same, in a group of that name (an address like a person's)
    @ nhân sự Hoa officer   this person is on the staff from here on, in this role
    @ hạn gtclqg.registration.2027 2027-03-31 17:00
                            from here on this deadline has this last day (and hour, if any)
    @ chỗ training.course.tools-2027 1
                            from here on this option of a form has so many seats
    @ chậm 1                from here on so many messages leave in a round beside answers
    @ chặn Lan              from here on nothing that is sent arrives at this person
    > hạn nộp khi nào       typed
    > [Gửi phiếu]           pressed: a button where there are buttons, else its number or words
    > {nút cũ: Đồng ý}      a button of an earlier message, pressed again
    > {số: 0912345678}      a phone number, shared with the platform's own button
    > {ảnh}                 a picture
    > {tệp: a.pdf} lời      a document (or a picture, by its ending), with words or without
    > {trích: Yêu cầu số 1} lời
                            an answer to the latest message here that begins so
    > {lời mời}             the latest invitation to the staff, drawn by lot, so never written here
    < Vâng …                one line of the answer; "…" stands for any words
    < …                     any lines
    < {tệp.png} Hình …      a file that goes along, with its caption
    < [Có] [Không]          exactly these choices are offered with it
    = form                  what became of the message (`handlers.conversation.Outcome`)
    << Hoa: Có người …      one line of what another person (or group) was sent since the last
                            message, or since the hour was set; then as after "<"
    << Hoa: {đã sửa} …      an earlier message there was changed to these words, or
    << Hoa: {đã thu hồi} …  the one of these words is gone
    << Hoa: [Trả lời]       exactly these choices came with it; `{nút cũ: …}` presses one

Each is played through the real engine, a real database file and a channel's own rendering, and
what that makes is held against the channel's limits. A message without expected lines is only sent.
Where there is staff, what looks after broadcasts and the like looks once after each message and
each new hour, and what is due is taken from the queue as delivery does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple, Protocol

from sqlalchemy import select

from bot.attending import Attending
from bot.broadcasting import Broadcasting
from bot.channels import Payload
from bot.channels.console import ConsoleChannel
from bot.channels.telegram import rendering
from bot.channels.text import plain
from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.drawing import draw
from bot.engine import Engine
from bot.house import House
from bot.lead_due import LeadDue
from bot.lead_inbox import Lists
from bot.operations import staff
from bot.operations.attendance import Patience
from bot.operations.rights import Actor, Role
from bot.reminding import Reminding
from bot.store import schema
from bot.store.database import Store
from handlers import Handler, route
from handlers.attachments import LIVE, STORED, SentFile
from handlers.conversation import MAX_ACTION_BYTES, Choice, Conversation, Incoming, Reply, numbered
from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Knowledge, Option
from knowledge.rules import key_of
from tests.doubles import Silent
from tests.file_contents import keeper
from tests.list_contents import list_reader
from tests.post import Letter, Post, lines_of
from tests.telegram_server.entities import parse_html

FOLDER = Path(__file__).with_name("conversations")
START = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)
BETWEEN = timedelta(seconds=20)
SHARE, HINT = "Gửi số điện thoại của tôi", "Bấm nút bên dưới, hoặc gõ số."

_SPECIAL = re.compile(r"\{(ảnh|tệp|nút cũ|số|trích|lời mời)(?:: (.+?))?\} ?(.*)")
_LABELS = re.compile(r"\[([^\[\]]+)\]")


class Line(NamedTuple):
    """One line of a transcript: its mark (`@`, `>`, `<`, `=` or `<<`), words and number.

    `of` is who was sent the words of a line marked `<<`.
    """

    mark: str
    words: str
    number: int
    of: str = ""


def lines(path: Path) -> Iterator[Line]:
    """The lines that say something. Raises ValueError for a line that begins in no known way."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        mark, _, words = line.partition(" ")
        if line.strip() and mark != "#":
            if mark not in {"@", ">", "<", "=", "<<"}:
                raise ValueError(f"{path.name}:{number}: {line!r}")
            of, _, said = words.partition(":") if mark == "<<" else ("", "", words)
            yield Line(mark, said.strip(), number, of.strip())


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
            if payload.get("parse_mode"):
                caption = parse_html(caption)[0]
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


class Screen(Silent):
    """It shows what it is to send, and sends nothing."""

    def __init__(self, renderer: Renderer, store: Store) -> None:
        super().__init__(renderer.name)
        self.renderer = renderer
        self.post = Post(store, renderer.name, renderer.check)
        self.shown: list[Reply] = []

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        payloads = self.renderer.render(reply)
        read = "\n".join(map(self.renderer.check, payloads))
        for line in plain(reply.text).split("\n"):
            assert line.strip() in read, f"{self.name} does not show {line!r}"
        if reply.attachment is not None:
            kind, content = reply.attachment.kind, reply.attachment.content
            assert kind in LIVE | STORED or _drawn(kind, json.dumps(content))
            assert reply.attachment.caption in read
        self.shown.append(reply)
        self.post.made(reply, payloads)
        return payloads

    def link(self, start: str) -> str:  # noqa: ARG002 - the port's signature
        return ""


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
        self._screen = Screen(renderer, store)
        self._clock = SetClock()
        self._store = store
        ways_out = {renderer.name: Delivery(store, self._screen, self._clock)}
        lists = Lists(store.path.parent / "lists", lambda: self._knowledge, SystemClock())
        house = House(
            store,
            lambda: self._knowledge,
            ways_out,
            lambda _name, reply: self._screen.render(reply),
            self._clock,
            keep_file=keeper(store.path.parent / "files"),
            read_list=list_reader(lists),
            drop_list=lists.drop,
        )
        self._engine = Engine(house, handler)
        patience = Patience(timedelta(hours=2), timedelta(hours=24))
        self._runners = [
            Broadcasting(house).look,
            Reminding(house).look,
            LeadDue(house).look,
            Attending(house, patience).look,
        ]
        self._delivers = False  # where nobody is on the staff, all that is said is an answer
        self._elsewhere: list[Letter] = []
        self._chats: dict[str, Chat] = {}
        self._who = self._where = "Lan"
        self._sent = 0

    async def play(self, path: Path) -> None:
        """Raises AssertionError, with file and line, at the first thing that is not as written."""
        answer: list[Line] = []
        for line in (*lines(path), Line(">", "", 0)):
            if answer and (line.mark, line.of) != (answer[0].mark, answer[0].of):
                self._compare(path, answer, self._read(answer[0].of))
                answer = []
            if line.mark in {"<", "<<"}:
                answer.append(line)
            elif line.mark == "@":
                await self._direct(line.words)
            elif line.mark == "=":
                found = await self._outcome()
                assert found == line.words, f"{path.name}:{line.number}: {found}"
            elif line.number:
                await self._say(path, line)

    def _chat(self) -> Chat:
        return self._chat_at(self._where)

    def _chat_at(self, address: str) -> Chat:
        conversation = Conversation(self._screen.name, address)
        return self._chats.setdefault(address, Chat(conversation))

    async def _direct(self, words: str) -> None:
        if words.startswith("hạn "):
            self._announce(*words.split()[1:])
        elif words.startswith("chỗ "):
            self._seat(*words.split()[1:])
        elif words.startswith("chậm "):
            self._screen.post.beside_replies = int(words.removeprefix("chậm "))
        elif words.startswith("chặn "):
            self._screen.post.blocked.add(words.removeprefix("chặn "))
        elif words.startswith("nhân sự "):
            await self._take_in(*words.split()[2:])
        elif words[:1].isdigit():
            self._clock.at = datetime.fromisoformat(words).replace(tzinfo=VIETNAM)
            self._elsewhere = []
            await self._time_passes()
        else:
            self._who, _, group = words.partition(" trong ")
            self._where = group or self._who

    async def _take_in(self, name: str, role: str) -> None:
        where, by, now = (
            Conversation(self._screen.name, name),
            Actor(None, "dòng lệnh"),
            self._clock.at,
        )
        await self._store.write(lambda db: staff.add(db, where, name, Role(role), by, now))
        self._delivers = True

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

    def _seat(self, key: str, seats: str) -> None:
        name, asked, chosen = key.split(".")
        form = self._knowledge.forms[name]

        def seated(option: Option) -> Option:
            return replace(option, seats=int(seats)) if option.id == chosen else option

        fields = [
            replace(each, options=tuple(map(seated, each.options))) if each.id == asked else each
            for each in form.fields
        ]
        forms = {**self._knowledge.forms, name: replace(form, fields=tuple(fields))}
        self._knowledge = replace(self._knowledge, forms=forms)

    async def _say(self, path: Path, line: Line) -> None:
        chat = self._chat()
        self._sent += 1
        self._clock.at += BETWEEN
        bare = Incoming(chat.conversation, str(self._sent), self._clock.at, name=self._who)
        if self._where != self._who:
            bare = replace(bare, private=False, sender=self._who)
        try:
            incoming = self._incoming(chat, bare, line.words)
        except LookupError:
            offered = " ".join(f"[{choice.label}]" for choice in chat.offered[-20:])
            raise AssertionError(f"{path.name}:{line.number}: only {offered}") from None
        self._screen.shown, self._elsewhere = [], []
        await self._engine.receive(incoming)
        chat.replies = self._screen.shown
        if self._delivers:
            chat.replies = []
            await self._time_passes()
        else:
            chat.offered += [choice for reply in chat.replies for choice in reply.choices]

    async def _time_passes(self) -> None:
        """Let everybody look once at what there is to do, and take what is due."""
        if not self._delivers:
            return
        for look in self._runners:
            await look()
        for letter in await self._screen.post.round(self._clock.at):
            to = self._chat_at(letter.address)
            if to is self._chat() and letter.kind == "reply":
                to.replies += [letter.reply] if letter.reply else []
            else:
                self._elsewhere.append(letter)
            to.offered += letter.reply.choices if letter.reply else ()

    def _incoming(self, chat: Chat, bare: Incoming, words: str) -> Incoming:
        if words.startswith("[") and words.endswith("]"):
            reply, choice = _offered(chat.replies, words[1:-1])
            return self._screen.renderer.answer(bare, reply, choice)
        special = _SPECIAL.fullmatch(words)
        if special is None:
            return replace(bare, text=words)
        if special[1] == "trích":
            quotes = self._screen.post.quoted(chat.conversation.id, special[2])
            return replace(bare, text=special[3], quotes=quotes)
        if special[1] == "lời mời":
            return replace(bare, text=self._screen.post.invitation())
        if special[1] == "ảnh":
            return replace(bare, unreadable=True)
        if special[1] == "tệp":
            sent = SentFile(special[2], special[2])
            return replace(bare, file=sent, text=special[3], unreadable=not special[3])
        if special[1] == "số":
            return replace(bare, phone=special[2])
        old = [choice for choice in chat.offered if choice.label == special[2]]
        return replace(bare, action=old[-1].action)

    def _read(self, of: str) -> list[Reply]:
        """What the writer was answered, or what somebody else was sent since."""
        if not of:
            return self._chat().replies
        return [each.reply for each in self._elsewhere if each.address == of and each.reply]

    @staticmethod
    def _compare(path: Path, expected: list[Line], replies: list[Reply]) -> None:
        said = [line for reply in replies for line in lines_of(reply)]
        offered = [choice.label for reply in replies for choice in reply.choices]
        wanted = []
        for line in expected:
            if line.words.startswith("["):
                labels = _LABELS.findall(line.words)
                assert offered == labels, f"{path.name}:{line.number}: {offered}"
            else:
                wanted.append(line)
        shown = "\n".join(said)
        words = [line.words for line in wanted]
        if wanted and not re.match(_pattern(words, whole=True), shown):
            starts = (_pattern(words[:end], whole=False) for end in range(1, len(words)))
            held = list(takewhile(lambda start: re.match(start, shown), starts))
            first = wanted[len(held)]
            raise AssertionError(f"{path.name}:{first.number}: {first.words!r} in\n{shown}")

    async def _outcome(self) -> str:
        table = schema.message
        latest = select(table.c.outcome).where(
            table.c.channel == self._screen.name, table.c.external_id == str(self._sent)
        )
        return str(await self._store.read(lambda db: db.scalar(latest)))


@cache
def _drawn(kind: str, content: str) -> bool:
    """Whether this can be drawn; two renderers show the same."""
    return bool(draw(kind, json.loads(content)))


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
