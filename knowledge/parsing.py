"""YAML text to a tree of plain values that remember their lines. Run as a script, in a child.

The child reads the files from its standard input, as one line `[[name, size], …]` and then their
bytes: what is parsed is what the parent has fingerprinted, whoever saves a file in between.

Only YAML's *events* are used, one after the other, under limits: PyYAML's constructors hang on
merge keys and base-60 integers, its composer crashes the process on deep nesting, and both let the
last of two equal keys win silently. Here scalars stay text (the schema decides types), and what a
hand-written knowledge base never needs (anchors, tags, merge keys) is a problem with a line. A
bare `null` or `~` is empty text. Text becomes NFC here, where its cost is bounded: it grows with
the square of the combining marks on one letter.

A node is `[line, text]`, `[line, [node, …]]` or `[line, {key: [key_line, node], …}]`: JSON, so
that it can cross from the child process and be cached.

This file imports nothing of the project: the parent starts it by path.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

import yaml

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 200_000
CPU_SECONDS = 20
MEMORY_BYTES = 1024 * 1024 * 1024

Node = list[Any]
Found = tuple[int, str, str]  # line, message, remedy

TOO_LARGE: Found = (1, f"tệp lớn hơn {MAX_BYTES // 1024 // 1024} MiB", "chia thành nhiều tệp")

_LOADER = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # a PyYAML without libyaml is slow, not wrong
_NULLS = frozenset({"~", "null", "Null", "NULL"})
_NEVER_CLOSED = "found unexpected end of stream"
_TABBED = "thụt lề bằng phím Tab; dùng dấu cách"
_SAID = {
    "found character that cannot start any token": (
        "có phím Tab hoặc ký tự đặc biệt (@ ` %) đứng đầu, không nằm trong dấu nháy"
    ),
    "found a tab character that violates indentation": _TABBED,
    "found a tab character where an indentation space is expected": _TABBED,
    "mapping values are not allowed in this context": (
        "dấu “: ” nằm giữa câu không có dấu nháy, hoặc dòng này thụt lề sai"
    ),
    "did not find expected key": "dòng này thụt lề không thẳng với các mục trên",
    "did not find expected '-' indicator": "dòng này thụt lề không thẳng với danh sách trên",
    "could not find expected ':'": "thiếu dấu “: ” sau tên mục",
    _NEVER_CLOSED: "dấu nháy mở ở đây mà không đóng",
    "did not find expected ',' or ']'": "danh sách trong [ ] thiếu dấu phẩy hoặc ngoặc đóng",
    "did not find expected ',' or '}'": "các mục trong { } thiếu dấu phẩy hoặc ngoặc đóng",
    "found unknown escape character": "sau dấu “\\” trong nháy kép là ký tự không dùng được",
    "block sequence entries are not allowed in this context": "dấu “- ” đặt sai chỗ",
}


class _Unreadable(Exception):
    def __init__(self, line: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.found: Found = (line, message, remedy)


class _Open:
    """A collection that is still being filled."""

    def __init__(self, node: Node, *, mapping: bool) -> None:
        self.node = node
        self.mapping = mapping
        self.key: str | None = None
        self.key_line = 0


def parse(data: bytes) -> tuple[Node | None, list[Found]]:
    """Read one file. Never raises: what cannot be read is one found problem, with its line.

    Duplicate keys are reported all, and the first wins.
    """
    found: list[Found] = []
    if len(data) > MAX_BYTES:
        return None, [TOO_LARGE]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return None, [(line, "tệp không phải UTF-8", "lưu lại tệp với mã hoá UTF-8")]
    try:
        return _build(text, found), found
    except _Unreadable as error:
        return None, [*found, error.found]
    except yaml.MarkedYAMLError as error:
        # A quote that never closes is noticed at the end of the file; it is to mend where it opens.
        opened = error.context_mark if error.problem == _NEVER_CLOSED else None
        mark = opened or error.problem_mark
        line = mark.line + 1 if mark else 1
        return None, [*found, (line, _explain(error), "kiểm tra thụt lề, dấu “: ” và dấu nháy")]
    except yaml.reader.ReaderError as error:
        # libyaml counts bytes, the pure reader characters: bytes are never too few.
        line = text.encode()[: error.position].count(b"\n") + 1
        remedy = "xoá ký tự lạ ở dòng này rồi gõ lại"
        return None, [*found, (line, "có ký tự điều khiển không được phép", remedy)]
    except (yaml.YAMLError, ValueError) as error:
        return None, [*found, (1, f"không đọc được YAML: {error}", "kiểm tra lại cú pháp của tệp")]


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or error.context or "không rõ")
    return f"sai cú pháp YAML: {_SAID.get(problem, problem)}"


def _build(text: str, found: list[Found]) -> Node:
    root: Node | None = None
    stack: list[_Open] = []
    documents = nodes = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Unreadable(line, "có hơn một tài liệu trong tệp", "bỏ dòng “---” thừa")
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            _refuse(event, line, nodes, len(stack))
            node = _node(event, line)
            if stack:
                _attach(stack[-1], node, event, found)
            else:
                root = node
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append(_Open(node, mapping=isinstance(event, yaml.MappingStartEvent)))
    if root is None:
        raise _Unreadable(1, "tệp không có nội dung", "khôi phục nội dung, hoặc xoá tệp")
    return root


def _refuse(event: yaml.NodeEvent, line: int, nodes: int, depth: int) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        raise _Unreadable(line, "dùng neo hoặc bí danh YAML (& hoặc *)", "viết lại nội dung đầy đủ")
    tag = getattr(event, "tag", None)
    if tag and tag != "!":
        raise _Unreadable(line, f"dùng thẻ YAML {tag}", "bỏ thẻ bắt đầu bằng dấu “!”")
    if depth >= MAX_DEPTH:
        raise _Unreadable(line, f"lồng nhau quá {MAX_DEPTH} tầng", "làm phẳng bớt cấu trúc")
    if nodes > MAX_NODES:
        raise _Unreadable(line, f"có hơn {MAX_NODES} mục", "chia thành nhiều tệp")


def _node(event: yaml.NodeEvent, line: int) -> Node:
    if isinstance(event, yaml.ScalarEvent):
        empty = event.implicit[0] and event.value in _NULLS
        return [line, "" if empty else unicodedata.normalize("NFC", event.value)]
    return [line, {} if isinstance(event, yaml.MappingStartEvent) else []]


def _attach(parent: _Open, node: Node, event: yaml.NodeEvent, found: list[Found]) -> None:
    if not parent.mapping:
        parent.node[1].append(node)
        return
    if parent.key is None:
        if not isinstance(event, yaml.ScalarEvent):
            raise _Unreadable(node[0], "tên mục không phải chữ", "dùng “tên: giá trị”")
        if event.value == "<<":
            raise _Unreadable(node[0], "dùng khoá trộn “<<”", "viết lại nội dung đầy đủ")
        parent.key, parent.key_line = event.value, node[0]
        return
    if parent.key in parent.node[1]:
        first = parent.node[1][parent.key][0]
        message = f"mục “{parent.key}” bị viết hai lần (lần đầu ở dòng {first})"
        found.append((parent.key_line, message, "giữ lại một mục"))
    else:
        parent.node[1][parent.key] = [parent.key_line, node]
    parent.key = None


def _limit_this_process() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's time-out still holds there
        return
    for what, wanted in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
    ):
        try:
            resource.setrlimit(what, (wanted, wanted))
        except (ValueError, OSError):  # a tighter limit stands already, or macOS knows no RLIMIT_AS
            continue


def main() -> None:
    """Print two lines per file: its name, then its tree and problems.

    The name goes out on its own before the work, so that the parent can tell which file ended us.
    """
    _limit_this_process()
    for name, size in json.loads(sys.stdin.buffer.readline()):
        data = sys.stdin.buffer.read(size)
        sys.stdout.write(json.dumps(name) + "\n")
        sys.stdout.flush()
        sys.stdout.write(json.dumps(parse(data)) + "\n")


if __name__ == "__main__":
    main()
