"""Reading parsed nodes against what a register expects, collecting every problem on the way.

A reader never stops at the first mistake: a wrong value is reported with its line and replaced by
an empty one, so that one run of `donghanh check` shows all there is to mend.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time
from difflib import get_close_matches
from typing import TypeVar

from knowledge.contract import MAX_LABEL
from knowledge.parsing import Node
from knowledge.problems import Problem

T = TypeVar("T")

FIRST_YEAR, LAST_YEAR = 1945, 2100  # a slip such as 20027 must not be counted to, day by day

MAX_MESSAGE = 200

_YES = {"true", "yes", "có"}
_NO = {"false", "no", "không"}


class Reader:
    """Reads the nodes of one file."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self._problems = problems

    def report(self, line: int, message: str, remedy: str) -> None:
        if len(message) > MAX_MESSAGE:  # a whole file may have slipped into one value
            message = f"{message[:MAX_MESSAGE]}…"
        self._problems.append(Problem(self.file, line, message, remedy))

    def record(self, node: Node, required: Iterable[str], optional: Iterable[str] = ()) -> Record:
        """A mapping with exactly these keys; unknown and missing ones are reported."""
        line, value = node
        required, optional = tuple(required), tuple(optional)
        if not isinstance(value, dict):
            message = "chỗ này phải là các mục “tên: giá trị”"
            self.report(line, message, "xem mẫu trong docs/knowledge.md")
            return Record(self, line, {})
        known = {*required, *optional}
        for key, (key_line, _) in value.items():
            if key not in known:
                self.report(key_line, f"không có mục nào tên “{key}”", _instead_of(key, known))
        for key in required:
            if key not in value:
                self.report(line, f"thiếu mục “{key}”", f"thêm “{key}: …”")
        return Record(self, line, {k: v[1] for k, v in value.items() if k in known})

    def items(self, node: Node) -> Iterator[Node]:
        """The nodes of a list; anything else is reported and yields nothing."""
        line, value = node
        if isinstance(value, list):
            yield from value
        elif value != "":
            self.report(line, "chỗ này phải là một danh sách", "mỗi dòng bắt đầu bằng “- ”")

    def text(self, node: Node) -> str:
        line, value = node
        if isinstance(value, str):
            return value.strip()
        self.report(line, "chỗ này phải là chữ", "viết thành một dòng chữ, hoặc dùng “|”")
        return ""


class Record:
    """The known keys of one mapping. Missing keys read as empty; they were reported already."""

    def __init__(self, reader: Reader, line: int, nodes: Mapping[str, Node]) -> None:
        self.reader = reader
        self.line = line
        self._nodes = nodes

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def line_of(self, key: str) -> int:
        return self._nodes[key][0] if key in self._nodes else self.line

    def report(self, key: str, message: str, remedy: str) -> None:
        """Report at the line of *key*."""
        self.reader.report(self.line_of(key), message, remedy)

    def node(self, key: str) -> Node | None:
        return self._nodes.get(key)

    def text(self, key: str) -> str:
        """The text under *key*; a required text that is there but empty is reported."""
        return self.reader.text(self._nodes[key]) if key in self._nodes else ""

    def filled(self, key: str) -> str:
        """Like `text`, and empty is a problem."""
        value = self.text(key)
        if key in self._nodes and not value:
            self.report(key, f"mục “{key}” còn trống", "điền nội dung")
        return value

    def label(self, key: str = "label") -> str:
        """A filled text that fits a button."""
        value = self.filled(key)
        if len(value) > MAX_LABEL:
            remedy = f"rút còn tối đa {MAX_LABEL} ký tự"
            self.report(key, f"nhãn “{value}” dài {len(value)} ký tự", remedy)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list; an empty one among them is reported and left out."""
        if key not in self._nodes:
            return ()
        found = []
        for item in self.reader.items(self._nodes[key]):
            text = self.reader.text(item)
            if text:
                found.append(text)
            elif item[1] == "":
                self.reader.report(item[0], f"một dòng của “{key}” còn trống", "điền hoặc bỏ dòng")
        return tuple(found)

    def records(
        self, key: str, required: Iterable[str], optional: Iterable[str] = ()
    ) -> Iterator[Record]:
        required, optional = tuple(required), tuple(optional)
        if key in self._nodes:
            for item in self.reader.items(self._nodes[key]):
                yield self.reader.record(item, required, optional)

    def day(self, key: str) -> date | None:
        return self._parsed(key, _day, "ngày", "viết năm-tháng-ngày, ví dụ 2027-03-31")

    def needed_day(self, key: str) -> date:
        """Like `day`, and empty is a problem; what cannot be read is the first day there is."""
        self.filled(key)
        return self.day(key) or date.min

    def hour(self, key: str) -> time | None:
        return self._parsed(key, _hour, "giờ", "viết giờ:phút, ví dụ '17:00'")

    def whole(self, key: str, least: int = 0, most: int = 999_999_999) -> int | None:
        """A number from *least* to *most*; anything else is reported and None."""
        number = self._parsed(key, _whole, "số nguyên", "viết bằng chữ số, ví dụ 36")
        if number is None or least <= number <= most:
            return number
        message = f"“{key}” là {number}, ngoài khoảng cho phép"
        self.report(key, message, f"dùng số từ {least} đến {most}")
        return None

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._parsed(key, _flag, "giá trị đúng/sai", "viết true hoặc false")
        return default if value is None else value

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        value, names = self.text(key), sorted(allowed)
        if key in self._nodes and value not in names:
            remedy = f"dùng một trong: {', '.join(names)}"
            self.report(key, f"“{value}” không dùng được ở đây", remedy)
        return value

    def identifier(self, key: str = "id", *, dots: bool = True) -> str:
        """An id: at most 48 ASCII bytes, so that `entry:` and its like stay below 64."""
        value = self.filled(key)
        if value and not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,47}", value):
            remedy = "dùng chữ thường không dấu, số, dấu chấm, gạch; tối đa 48 ký tự"
            self.report(key, f"mã “{value}” không hợp lệ", remedy)
        elif "." in value and not dots:
            remedy = "thay dấu chấm bằng gạch, ví dụ ho-so"
            self.report(key, f"mã “{value}” có dấu chấm", remedy)
        return value

    def _parsed(self, key: str, parse: Callable[[str], T], what: str, remedy: str) -> T | None:
        text = self.text(key)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError:
            self.report(key, f"“{text}” không phải {what}", remedy)
            return None


def _instead_of(key: str, known: Iterable[str]) -> str:
    near = get_close_matches(key, known, n=1)
    return f"có lẽ là “{near[0]}”" if near else f"dùng một trong: {', '.join(sorted(known))}"


def _day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(text)
    return day


def _hour(text: str) -> time:
    if not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text):
        raise ValueError(text)
    return time.fromisoformat(text.zfill(5))


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError(text)
