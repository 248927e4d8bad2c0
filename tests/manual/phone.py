"""A stretch of a chat as the picture of a phone: an SVG, the same bytes for the same frames."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

from handlers.attachments import PICTURES
from knowledge.clock import VIETNAM
from tests.manual import letters
from tests.manual.filming import Frame, Pressed, Runs, Said, Shown

WIDE: Final = 720
EDGE, PAD, GAP = 20, 18, 14  # around the chat, inside a bubble, between bubbles
TEXT, LINE = 24, 33
SMALL, NAME = 19, 20
BUBBLE: Final = 600  # how wide one may be
HEAD: Final = 84
BUTTON, BETWEEN_BUTTONS = 52, 8
LONG_AFTER: Final = timedelta(minutes=45)  # then the hour is written above
BOT: Final = "Đồng Hành"
FONTS: Final = "'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
INK, DIM, GREEN, BLUE = "#1f2933", "#5b6772", "#0b6e4f", "#1d5fa8"
PAPER, WALL, MINE, TOUCHED = "#ffffff", "#e4ebef", "#dff3d8", "#ffe9b8"
RIM: Final = "#b9c4cc"


class Picture:
    """Grows downwards, one thing below the other."""

    def __init__(self, me: str, title: str, subtitle: str) -> None:
        self._me = me
        self._parts: list[str] = []
        self._y = float(HEAD + GAP)
        self._group = title != BOT
        self._at: datetime | None = None
        self._shape("rect", x=0, y=0, width=WIDE, height=HEAD, fill=GREEN)
        self._shape("circle", cx=54, cy=HEAD / 2, r=28, fill=PAPER)
        initials = "".join(word[:1] for word in title.split()[:2]).upper()
        self._text(54, HEAD / 2 + 8, ((initials, True),), NAME + 2, GREEN, middle=True)
        self._text(98, 38, ((title, True),), TEXT, PAPER)
        self._text(98, 66, ((subtitle, False),), SMALL, PAPER)

    def draw(self, frames: list[Frame]) -> str:
        """The whole picture."""
        touched = _touched(frames)
        for place, frame in enumerate(frames):
            self._hour(frame.at)
            if isinstance(frame, Said):
                self._said(frame)
            elif isinstance(frame, Shown):
                self._shown(frame, touched.get(place, ""))
            elif place not in touched:
                self._touched(frame)
        return self._whole()

    def _whole(self) -> str:
        high = round(self._y + EDGE - GAP)
        size = f'width="{WIDE}" height="{high}"'
        inner = f'x="1" y="1" width="{WIDE - 2}" height="{high - 2}"'
        begin = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDE} {high}"'
        parts = (
            f'{begin} font-family="{FONTS}">',
            f'<rect {size} fill="{WALL}"/>',
            *self._parts,
            f'<rect {inner} fill="none" stroke="{RIM}" stroke-width="2"/>',
            "</svg>\n",
        )
        return "\n".join(parts)

    def _hour(self, at: datetime) -> None:
        """When this was, where much time has passed since what stands above."""
        before, self._at = self._at, at
        if before is not None and at - before < LONG_AFTER:
            return
        words = f"{at.astimezone(VIETNAM):%H:%M, %d/%m/%Y}"
        wide = letters.width(words, SMALL) + 2 * PAD
        self._shape(
            "rect", x=(WIDE - wide) / 2, y=self._y, width=wide, height=34, rx=17, fill="#c9d4da"
        )
        self._text(WIDE / 2, self._y + 24, ((words, False),), SMALL, INK, middle=True)
        self._y += 34 + GAP

    def _said(self, said: Said) -> None:
        mine = said.who == self._me
        runs = ((said.words, False),)
        self._bubble(runs, right=mine, name="" if mine else said.who, quotes=said.quotes)

    def _touched(self, pressed: Pressed) -> None:
        """A button that stands further up than the picture begins."""
        words = f"Bấm: {pressed.label}"
        words = letters.fitted(words, TEXT, BUBBLE - 2 * PAD, bold=True)
        wide = letters.width(words, TEXT, bold=True) + 2 * PAD
        x = WIDE - EDGE - wide
        self._button(x, wide, words, touched=True)
        self._y += BUTTON + GAP

    def _shown(self, shown: Shown, touched: str) -> None:
        if shown.kind:
            self._file(shown)
        else:
            self._bubble(shown.runs, right=False, name=BOT if self._group else "")
        if not shown.rows:
            return
        self._y += BETWEEN_BUTTONS - GAP
        for row in shown.rows:
            each = (BUBBLE - BETWEEN_BUTTONS * (len(row) - 1)) / len(row)
            for place, label in enumerate(row):
                x = EDGE + place * (each + BETWEEN_BUTTONS)
                self._button(x, each, label, touched=label == touched)
            self._y += BUTTON + BETWEEN_BUTTONS
        self._y += GAP - BETWEEN_BUTTONS

    def _button(self, x: float, wide: float, label: str, *, touched: bool) -> None:
        fill, rim = (TOUCHED, INK) if touched else (PAPER, RIM)
        self._shape(
            "rect",
            x=x,
            y=self._y,
            width=wide,
            height=BUTTON,
            rx=12,
            fill=fill,
            stroke=rim,
            stroke_width=4 if touched else 1.5,
        )
        words = letters.fitted(label, TEXT - 1, wide - 16, bold=touched)
        middle = x + wide / 2
        ink = INK if touched else BLUE
        self._text(middle, self._y + 34, ((words, touched),), TEXT - 1, ink, middle=True)

    def _bubble(self, runs: Runs, *, right: bool, name: str = "", quotes: str = "") -> None:
        room = BUBBLE - 2 * PAD
        lines = list(letters.lines(runs, TEXT, room))
        wide = max(line.indent + _wide(line.runs, TEXT) for line in lines)
        wide = max(wide, letters.width(name, NAME, bold=True))
        quoted = letters.fitted(quotes, SMALL, room - PAD)
        if quotes:
            wide = max(wide, letters.width(quoted, SMALL) + PAD)
        wide += 2 * PAD
        high = len(lines) * LINE + PAD + (28 if name else 0) + (42 if quotes else 0)
        x = WIDE - EDGE - wide if right else EDGE
        fill = MINE if right else PAPER
        self._shape("rect", x=x, y=self._y, width=wide, height=high, rx=18, fill=fill)
        y = self._y + 8
        if name:
            self._text(x + PAD, y + 22, ((name, True),), NAME, GREEN)
            y += 28
        if quotes:
            self._shape("rect", x=x + PAD, y=y + 6, width=5, height=30, fill=GREEN)
            self._text(x + PAD + 14, y + 28, ((quoted, False),), SMALL, DIM)
            y += 42
        for line in lines:
            if line.bullet:
                self._text(x + PAD, y + 25, ((letters.BULLET.strip(), False),), TEXT, INK)
            self._text(x + PAD + line.indent, y + 25, line.runs, TEXT, INK)
            y += LINE
        self._y += high + GAP

    def _file(self, shown: Shown) -> None:
        """A thumbnail, the file's name and its caption."""
        thumbnail, room = 150, BUBBLE - 2 * PAD - 150 - PAD
        caption = list(letters.lines(shown.runs, SMALL + 2, room))
        high = max(thumbnail, 40 + 30 * len(caption)) + 2 * PAD
        y = self._y
        self._shape("rect", x=EDGE, y=y, width=BUBBLE, height=high, rx=18, fill=PAPER)
        x, top = EDGE + PAD, y + PAD
        if shown.kind in PICTURES and "groups" in shown.content:
            self._bars(x, top, thumbnail, shown.content)
        else:
            self._sheet(x, top, thumbnail, shown.name.rpartition(".")[2])
        x += thumbnail + PAD
        name = letters.fitted(shown.name, SMALL + 2, room, bold=True)
        self._text(x, top + 26, ((name, True),), SMALL + 2, GREEN)
        for place, line in enumerate(caption):
            self._text(x + line.indent, top + 60 + 30 * place, line.runs, SMALL + 2, INK)
        self._y += high + GAP

    def _bars(self, x: float, y: float, side: float, content: Mapping[str, Any]) -> None:
        """The chart itself, too small for its words."""
        self._shape("rect", x=x, y=y, width=side, height=side, rx=8, fill="#f6f8f9", stroke=RIM)
        groups = [[bar["value"] for bar in group["bars"]] for group in content["groups"]]
        rows = sum(map(len, groups)) + len(groups)
        step = min(16.0, (side - 12) / rows)
        top = y + 8
        for values in groups:
            self._shape("rect", x=x + 8, y=top, width=44, height=step * 0.4, fill=INK)
            top += step
            for value in values:
                long = (side - 64) * value / max(1, *values)
                self._shape("rect", x=x + 12, y=top, width=34, height=step * 0.3, fill=RIM)
                self._shape("rect", x=x + 54, y=top, width=long, height=step * 0.6, fill="#7bc8a4")
                top += step

    def _sheet(self, x: float, y: float, side: float, ending: str) -> None:
        self._shape(
            "rect", x=x + 20, y=y, width=side - 40, height=side, rx=8, fill="#f6f8f9", stroke=RIM
        )
        for place in range(4):
            self._shape(
                "rect", x=x + 36, y=y + 22 + place * 20, width=side - 72, height=6, fill=RIM
            )
        self._text(x + side / 2, y + side - 20, ((f".{ending}", True),), TEXT, GREEN, middle=True)

    def _shape(self, name: str, **facts: float | str) -> None:
        written = " ".join(
            f'{key.replace("_", "-")}="{_number(value)}"' for key, value in facts.items()
        )
        self._parts.append(f"<{name} {written}/>")

    def _text(  # noqa: PLR0913 - where, what, how
        self, x: float, y: float, runs: Runs, size: float, ink: str, *, middle: bool = False
    ) -> None:
        spans = "".join(
            f'<tspan font-weight="bold">{escape(words)}</tspan>' if bold else escape(words)
            for words, bold in runs
        )
        anchor = ' text-anchor="middle"' if middle else ""
        self._parts.append(
            f'<text x="{_number(x)}" y="{_number(y)}" font-size="{_number(size)}" '
            f'fill="{ink}"{anchor} xml:space="preserve">{spans}</text>'
        )


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def _wide(line: Runs, size: float) -> float:
    return sum(letters.width(words, size, bold=bold) for words, bold in line)


def _touched(frames: list[Frame]) -> dict[int, str]:
    """Which button of which message is pressed; and, by their own places, the presses so shown."""
    touched: dict[int, str] = {}
    for place, frame in enumerate(frames):
        if not isinstance(frame, Pressed):
            continue
        for above in reversed(range(place)):
            shown = frames[above]
            label = _label(shown, frame.label) if isinstance(shown, Shown) else ""
            if label:
                touched |= {above: label, place: label}
                break
    return touched


def _label(shown: Shown, pressed: str) -> str:
    """The button's words: the choice's, in some lists with its number before them."""
    return next(
        (
            label
            for row in shown.rows
            for label in row
            if label == pressed or label.endswith(f". {pressed}")
        ),
        "",
    )
