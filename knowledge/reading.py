"""Reading parsed nodes against what a register expects, collecting every problem on the way.

A reader never stops at the first mistake: a wrong value is reported with its line and replaced by
an empty one, so that one run of `donghanh check` shows all there is to mend.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time
from typing import TypeVar

from knowledge.parsing import Node
from knowledge.problems import Problem

T = TypeVar("T")

_YES = {"true", "yes", "có"}
_NO = {"false", "no", "không"}


class Reader:
    """Reads the nodes of one file."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self._problems = problems

    def report(self, line: int, message: str, remedy: str) -> None:
        self._problems.append(Problem(self.file, line, message, remedy))

    def record(self, node: Node, required: Iterable[str], optional: Iterable[str] = ()) -> Record:
        """A mapping with exactly these keys; unknown and missing ones are reported."""
        line, value = node
        required, optional = tuple(required), tuple(optional)
        if not isinstance(value, dict):
            self.report(line, "chỗ này phải là các mục “tên: giá trị”", "xem mẫu trong tài liệu")
            return Record(self, line, {})
        known = {*required, *optional}
        for key, (key_line, _) in value.items():
            if key not in known:
                names = ", ".join(sorted(known))
                self.report(key_line, f"không có mục nào tên “{key}”", f"dùng một trong: {names}")
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
            return unicodedata.normalize("NFC", value).strip()
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

    def node(self, key: str) -> Node | None:
        return self._nodes.get(key)

    def text(self, key: str) -> str:
        """The text under *key*; a required text that is there but empty is reported."""
        return self.reader.text(self._nodes[key]) if key in self._nodes else ""

    def filled(self, key: str) -> str:
        """Like `text`, and empty is a problem."""
        value = self.text(key)
        if key in self._nodes and not value:
            self.reader.report(self.line_of(key), f"mục “{key}” còn trống", "điền nội dung")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        if key not in self._nodes:
            return ()
        return tuple(self.reader.text(item) for item in self.reader.items(self._nodes[key]))

    def records(
        self, key: str, required: Iterable[str], optional: Iterable[str] = ()
    ) -> Iterator[Record]:
        required, optional = tuple(required), tuple(optional)
        if key in self._nodes:
            for item in self.reader.items(self._nodes[key]):
                yield self.reader.record(item, required, optional)

    def day(self, key: str) -> date | None:
        return self._parsed(key, _day, "ngày", "viết năm-tháng-ngày, ví dụ 2027-03-31")

    def hour(self, key: str) -> time | None:
        return self._parsed(key, time.fromisoformat, "giờ", "viết giờ:phút, ví dụ '17:00'")

    def whole(self, key: str) -> int | None:
        return self._parsed(key, _whole, "số nguyên", "viết bằng chữ số, ví dụ 36")

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._parsed(key, _flag, "giá trị đúng/sai", "viết true hoặc false")
        return default if value is None else value

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        value, names = self.text(key), sorted(allowed)
        if key in self._nodes and value not in names:
            remedy = f"dùng một trong: {', '.join(names)}"
            self.reader.report(self.line_of(key), f"“{value}” không dùng được ở đây", remedy)
        return value

    def identifier(self, key: str = "id") -> str:
        value = self.text(key)
        if value and not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,47}", value):
            remedy = "dùng chữ thường không dấu, số, dấu chấm, gạch; tối đa 48 ký tự"
            self.reader.report(self.line_of(key), f"mã “{value}” không hợp lệ", remedy)
        return value

    def _parsed(self, key: str, parse: Callable[[str], T], what: str, remedy: str) -> T | None:
        text = self.text(key)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError:
            self.reader.report(self.line_of(key), f"“{text}” không phải {what}", remedy)
            return None


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError(text)
