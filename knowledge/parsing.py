"""YAML text to a tree of plain values that remember their lines. Run as a script, in a child.

Only YAML's *events* are used, one after the other, under limits: PyYAML's constructors hang on
merge keys and base-60 integers, its composer crashes the process on deep nesting, and both let the
last of two equal keys win silently. Here scalars stay text (the schema decides types), and what a
hand-written knowledge base never needs (anchors, tags, merge keys) is a problem with a line.

A node is `[line, text]`, `[line, [node, …]]` or `[line, {key: [key_line, node], …}]`: JSON, so
that it can cross from the child process and be cached.

This file imports nothing of the project: the parent starts it by path.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 200_000
CPU_SECONDS = 20
MEMORY_BYTES = 1024 * 1024 * 1024

Node = list[Any]
Found = tuple[int, str, str]  # line, message, remedy


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

    An empty file is None without a problem. Duplicate keys are reported all, and the first wins.
    """
    found: list[Found] = []
    if len(data) > MAX_BYTES:
        return None, [(1, f"tệp lớn hơn {MAX_BYTES // 1024 // 1024} MiB", "chia thành nhiều tệp")]
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
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return None, [*found, (line, _explain(error), "kiểm tra thụt lề, dấu “: ” và dấu nháy")]
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        remedy = "xoá ký tự lạ ở dòng này rồi gõ lại"
        return None, [*found, (line, "có ký tự điều khiển không được phép", remedy)]
    except (yaml.YAMLError, ValueError) as error:
        return None, [*found, (1, f"không đọc được YAML: {error}", "kiểm tra lại cú pháp của tệp")]


def _explain(error: yaml.MarkedYAMLError) -> str:
    return f"sai cú pháp YAML ({error.problem or error.context or 'không rõ'})"


def _build(text: str, found: list[Found]) -> Node | None:
    root: Node | None = None
    stack: list[_Open] = []
    documents = nodes = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
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
        return [line, event.value]
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
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main(folder: str) -> None:
    """Print one line per YAML file: its name first, then its tree and problems.

    The name goes out on its own before the work, so that the parent can tell which file ended us.
    """
    _limit_this_process()
    root = Path(folder)
    for path in sorted(root.rglob("*.yaml")):
        sys.stdout.write(json.dumps(path.relative_to(root).as_posix()) + "\n")
        sys.stdout.flush()
        sys.stdout.write(json.dumps(parse(path.read_bytes())) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
