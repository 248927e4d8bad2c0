"""Deadlines changed in their file: one item is rewritten, everything else stays byte for byte.

Comments and order are the author's. A change is checked as a whole, on a copy of the folder, before
it takes the file's place in one step; the running bot then takes it over like any other edit. The
letter that a date rests on is put behind the other sources, where it is not among them yet.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from knowledge import load
from knowledge.entries import Deadline, Knowledge, Source
from knowledge.loading import fingerprint_of
from knowledge.rules import key_of, last_valid_day
from knowledge.text import fold

FILE: Final = "rules/deadlines.yaml"
SOURCES: Final = "sources.yaml"
MOST_NAME: Final = 38  # of a letter, so that its id is one

_KEY = re.compile(r"([a-z0-9_-]+)\.([a-z0-9_-]+)\.(\d{4})")
_LIST = re.compile(r"deadlines:\s*(\[\s*\])?\s*(#.*)?")
_ITEM = re.compile(r"( *)- +\S")
_COMMENT = re.compile(r"(?:^|\s)(#.*)$")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def fresh(knowledge: Knowledge, key: str, province: str = "") -> Deadline:
    """A deadline that is not in the file yet. Raises ValueError, for whoever typed it."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError(f"“{key}” không phải mã hạn; viết như gtclqg.registration.2027")
    if there(knowledge, key, province):
        raise ValueError(f"hạn {key} đã có; dùng announce hoặc extend")
    return Deadline(found[1], found[2], int(found[3]), province)


def there(knowledge: Knowledge, key: str, province: str = "") -> Deadline | None:
    """The deadline of this key, or None."""
    return next((each for each in knowledge.deadlines if _is(each, key, province)), None)


def known(knowledge: Knowledge, key: str, province: str = "") -> Deadline:
    """The deadline of this key. Raises ValueError where there is none."""
    found = there(knowledge, key, province)
    if found is None:
        keys = ", ".join(dict.fromkeys(map(key_of, knowledge.deadlines)))
        raise ValueError(f"không có hạn {key}; hiện có: {keys or 'chưa có hạn nào'}")
    return found


def announced(  # noqa: PLR0913 - what an announcement says
    deadline: Deadline,
    *,
    opens_on: date | None,
    closes_on: date,
    closes_at: time | None,
    inclusive: bool,
    letter: str,
    source: str,
) -> Deadline:
    """With its dates. Raises ValueError where it has some already."""
    if deadline.closes_on is not None:
        raise ValueError(f"hạn {key_of(deadline)} đã công bố; gia hạn thì dùng extend")
    return replace(
        deadline,
        opens_on=opens_on,
        closes_on=closes_on,
        closes_at=closes_at,
        inclusive=inclusive,
        letter=letter,
        source=source,
    )


def extended(  # noqa: PLR0913 - what an extension says
    deadline: Deadline,
    *,
    closes_on: date,
    closes_at: time | None = None,
    inclusive: bool = True,
    letter: str,
    source: str,
) -> Deadline:
    """With a later last day by a letter of its own; an hour that it does not name stays.

    Raises ValueError for a day that is not later.
    """
    before = last_valid_day(deadline)
    if before is None:
        raise ValueError(f"hạn {key_of(deadline)} chưa công bố nên chưa gia hạn được")
    moved = replace(
        deadline,
        closes_on=closes_on,
        closes_at=closes_at or (deadline.closes_at if inclusive else None),
        inclusive=inclusive,
        extended_from=before,
        letter=letter,
        source=source,
    )
    if (last_valid_day(moved) or date.min) <= before:
        raise ValueError(f"ngày mới phải sau hạn đang có ({before:%d/%m/%Y})")
    return moved


def letter_source(knowledge: Knowledge, letter: str, issued: date, today: date) -> Source:
    """The letter as a source: the one that is known by its number and year, or a new one.

    Raises ValueError for a letter without number, not written yet, or known from another day.
    """
    name = re.sub(r"[^a-z0-9]+", "-", fold(letter)).strip("-")
    if not name:
        raise ValueError("văn bản làm căn cứ cần có số, như 12/TB-SKHCN")
    if issued > today:
        raise ValueError(f"ngày ban hành {issued:%d/%m/%Y} ở sau hôm nay")
    key = f"vb-{name[:MOST_NAME]}-{issued.year}"
    if known_as := knowledge.sources.get(key):
        if known_as.issued_on != issued:
            raise ValueError(f"sổ nguồn đã có {known_as.title}; kiểm tra lại số hoặc ngày ban hành")
        return known_as
    short = f"Văn bản số {letter}"
    title = f"{short} ngày {issued:%d/%m/%Y}"
    return Source(key, "notice", short, title, issued_on=issued, checked_on=today)


def change(  # noqa: PLR0913 - what changes, in what, and how it is checked
    folder: Path,
    current: Knowledge,
    new: Deadline,
    today: date,
    cache: Path,
    *,
    source: Source | None = None,
) -> Knowledge:
    """Put *new* into the file of *folder*, in the place of the one of its key or at the end.

    A *source* that is not there yet goes behind the others.

    *current* is what was loaded from the folder; return what it is then. Raises KnowledgeError
    where that would not be sound, OSError, and ValueError for a file that a machine cannot change,
    or that somebody else is changing; the file is as it was then.
    """
    path = folder / FILE
    text = path.read_bytes().decode("utf-8")
    old = there(current, key_of(new), new.province)
    changes = {FILE: with_item(text, old, new, current.deadlines).encode()}
    if source is not None and source.id not in current.sources:
        known_sources = (folder / SOURCES).read_bytes().decode("utf-8")
        changes = {SOURCES: with_source(known_sources, source).encode(), **changes}
    with TemporaryDirectory(prefix="donghanh-") as draft:
        copied = Path(shutil.copytree(folder, Path(draft) / "knowledge"))
        for name, content in changes.items():
            (copied / name).write_bytes(content)
        checked = load(copied, today=today, cache=cache)
    wanted = [_bare(each) for each in current.deadlines if each is not old]
    if [_bare(each) for each in checked.deadlines if not _same(each, new)] != wanted or not any(
        _bare(each) == _bare(new) for each in checked.deadlines
    ):
        raise ValueError(f"không tự sửa được {FILE} (cách viết lạ); hãy sửa tay")
    if fingerprint_of(folder) != current.fingerprint:
        raise ValueError(f"{FILE} vừa được ai đó sửa; hãy chạy lại lệnh")
    for name, content in changes.items():  # the source first: without its deadline it harms nobody
        _replace(folder / name, content)
    return checked


def with_source(text: str, source: Source) -> str:
    """The register's text with *source* behind the last one."""
    newline = "\r\n" if "\r\n" in text else "\n"
    begins = next((found for line in text.splitlines() if (found := _ITEM.match(line))), None)
    indent = begins[1] if begins else "  "
    item = [
        f"- id: {source.id}",
        f"  kind: {source.kind}",
        f"  short: {_quoted(source.short)}",
        f"  title: {_quoted(source.title)}",
        f"  issued_on: {source.issued_on}",
        f"  checked_on: {source.checked_on}",
    ]
    return "".join([text.rstrip(), newline, *(f"{indent}{line}{newline}" for line in item)])


def with_item(text: str, old: Deadline | None, new: Deadline, known: Sequence[Deadline]) -> str:
    """The file's text with *new* in the place of *old*, or behind the last of those *known*."""
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if "\r\n" in text else "\n"
    if old is not None:
        start, end, indent = _extent(lines, old)
        kept = [f"{indent}{each}{newline}" for each in _comments(lines[start:end])]
        return "".join([*lines[:start], *kept, f"{indent}- {written(new)}{newline}", *lines[end:]])
    if known:
        last = max(known, key=lambda each: each.line)
        _, end, indent = _extent(lines, last)
    else:
        end, indent = _emptied(lines, newline), "  "
    if end and not lines[end - 1].endswith("\n"):
        lines[end - 1] += newline
    return "".join([*lines[:end], f"{indent}- {written(new)}{newline}", *lines[end:]])


def written(deadline: Deadline) -> str:
    """One deadline as a line of YAML; what is empty is left out."""
    values: dict[str, object] = {
        "programme": deadline.programme,
        "milestone": deadline.milestone,
        "year": deadline.year,
        "province": _quoted(deadline.province),
        "opens_on": deadline.opens_on,
        "closes_on": deadline.closes_on,
        "closes_at": deadline.closes_at and _quoted(f"{deadline.closes_at:%H:%M}"),
        "inclusive": "" if deadline.inclusive else "false",
        "extended_from": deadline.extended_from,
        "letter": _quoted(deadline.letter),
        "source": deadline.source,
    }
    return "{" + ", ".join(f"{key}: {value}" for key, value in values.items() if value) + "}"


def _extent(lines: Sequence[str], deadline: Deadline) -> tuple[int, int, str]:
    """Where the item of a deadline begins and ends, and how far it is set in.

    Raises ValueError where it does not begin with a dash on its own line.
    """
    start = deadline.line - 1
    begins = _ITEM.match(lines[start])
    if begins is None:
        raise ValueError(f"không tự sửa được dòng {deadline.line} của {FILE}; hãy sửa tay")
    indent = begins[1]
    end = start + 1
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip(" ")) <= len(indent):
            break
        end = number + 1
    return start, end, indent


def _comments(item: Sequence[str]) -> list[str]:
    """The comments within an item, which is going to be one line: they go before it."""
    found = (_COMMENT.search(_QUOTED.sub("", line.rstrip())) for line in item)
    return [comment[1] for comment in found if comment]


def _emptied(lines: list[str], newline: str) -> int:
    """Make `deadlines: []` the head of a list; where its first item goes."""
    for number, line in enumerate(lines):
        if _LIST.fullmatch(line.rstrip()):
            comment = _COMMENT.search(line.rstrip())
            lines[number] = f"deadlines:{f'  {comment[1]}' if comment else ''}{newline}"
            return number + 1
    raise ValueError(f"{FILE} không có mục deadlines; hãy sửa tay")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'" if text else ""


def _is(deadline: Deadline, key: str, province: str) -> bool:
    return key_of(deadline) == key and deadline.province == province


def _same(deadline: Deadline, other: Deadline) -> bool:
    return _is(deadline, key_of(other), other.province)


def _bare(deadline: Deadline) -> Deadline:
    return replace(deadline, file="", line=0)


def _replace(path: Path, content: bytes) -> None:
    """In one step, so that no reader and no crash meets half a file."""
    draft = path.with_name(f".{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
