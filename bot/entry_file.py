"""Entries written into their files: one entry more, or more variants of one; nothing else changes.

Comments, order, quotes and line breaks are the author's: a file that would not come back letter for
letter from being read and written is not touched by a machine. The new content takes the old one's
place in one step, so that no reader and no crash meets half a file.
"""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from knowledge.entries import Entry, Knowledge

_WIDTH: Final = 1_000_000  # lines are the author's: none is broken
_INDENTS: Final = ((2, 4, 2), (2, 2, 0), (4, 6, 4), (4, 4, 2), (4, 4, 0))  # of hand-written files
_CONTROL: Final = re.compile(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Unwritable(Exception):
    """A machine cannot change this file without changing more than it should; says why."""


def file_of(knowledge: Knowledge, topic: str) -> str:
    """Where entries of a topic stand; a file of its own for a topic that has none yet."""
    files = sorted({each.file for each in knowledge.entries.values() if each.topic == topic})
    return files[0] if files else f"faq/{topic}.yaml"


def with_entry(text: str, entry: Entry) -> str:
    """The file's text with one entry more at its end. Raises Unwritable."""
    if not text.strip():
        text = f"topic: {entry.topic}\nentries:\n"
    yaml, tree, newline = _read(text)
    entries = tree.get("entries")
    if entries is None:
        entries = tree["entries"] = CommentedSeq()
    entries.append(_written(entry))
    if len(entries) > 1:
        entries.yaml_set_comment_before_after_key(len(entries) - 1, before="\n")
    return _dumped(yaml, tree, newline)


def with_variants(text: str, name: str, variants: Sequence[str]) -> str:
    """The file's text with these variants behind those of the entry. Raises Unwritable."""
    yaml, tree, newline = _read(text)
    found = next((each for each in tree["entries"] if each.get("id") == name), None)
    if found is None or not isinstance(found.get("variants"), list):
        raise Unwritable(f"không thấy mục “{name}” với danh sách variants")
    found["variants"].extend(map(_line, variants))
    return _dumped(yaml, tree, newline)


def replace(path: Path, content: str) -> None:
    """Put *content* in the file's place, for good: after this it is there, whatever happens."""
    draft = path.with_name(f".{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(content.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, draft)
        os.replace(draft, path)  # noqa: PTH105 - the one call whose promise this rests on
        _keep_name(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _keep_name(folder: Path) -> None:
    """Have the folder itself on the disk; Windows opens no folders, and needs no such thing."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(text: str) -> tuple[YAML, Any, str]:
    """The tree, by a reader that gives the text back as it was, and the text's line ends."""
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    for mapping, sequence, offset in _INDENTS:
        yaml = YAML()
        yaml.preserve_quotes = True
        yaml.width = _WIDTH
        yaml.indent(mapping=mapping, sequence=sequence, offset=offset)
        try:
            tree = yaml.load(plain)
            if _text(yaml, tree) in {plain, f"{plain}\n"}:
                return yaml, tree, newline
        except YAMLError as error:
            raise Unwritable(str(error).partition("\n")[0]) from None
    raise Unwritable("tệp có chỗ thụt lề hoặc cách viết mà máy không giữ nguyên được")


def _text(yaml: YAML, tree: Any) -> str:  # noqa: ANN401 - ruamel's nodes
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _dumped(yaml: YAML, tree: Any, newline: str) -> str:  # noqa: ANN401 - ruamel's nodes
    return _text(yaml, tree).replace("\n", newline)


def _written(entry: Entry) -> CommentedMap:
    written = CommentedMap()
    written["id"] = entry.id
    written["label"] = _line(entry.label)
    written["question"] = _line(entry.question)
    written["variants"] = [_line(each) for each in entry.variants]
    lines = [_CONTROL.sub(" ", line).rstrip() for line in entry.answer.strip().split("\n")]
    written["answer"] = LiteralScalarString("\n".join(lines) + "\n")
    written["sources"] = [
        _flow(source=each.source, article=each.article) for each in entry.citations
    ]
    written["follow_ups"] = CommentedSeq()
    written["follow_ups"].fa.set_flow_style()
    written["verified_on"] = entry.verified_on
    written["review_by"] = entry.review_by
    return written


def _flow(**values: str) -> CommentedMap:
    row = CommentedMap(values)
    row.fa.set_flow_style()
    return row


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())
