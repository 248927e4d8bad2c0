"""From a folder of YAML to one checked `Knowledge`, or to every problem that keeps it from being.

The files are read once; what is fingerprinted is what is parsed. Parsing happens in a child process
with limits on time, memory and CPU: a hostile or broken file can end the child, never the service.
Parsed trees are kept of a folder that has passed, and the compiled index (`compiling`), so that an
unchanged folder is neither parsed, checked nor compiled again.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from knowledge import cache as kept
from knowledge import checks
from knowledge.assembly import assemble
from knowledge.compiling import compiled
from knowledge.contract import needed_as_in
from knowledge.entries import Knowledge
from knowledge.parsing import MAX_BYTES, TOO_LARGE, Node
from knowledge.problems import NO_FOLDER, KnowledgeError, Problem

DATA = Path(__file__).parent / "data"
PARSE_SECONDS = 30


def load(folder: Path = DATA, *, today: date, cache: Path | None = None) -> Knowledge:
    """Read, check and compile *folder*.

    Raises KnowledgeError with all problems at once. *cache* is a folder for derived files that may
    be deleted at any time; without one, everything is computed. *today* only decides whether
    answers with dates in them still fit one message, from that day on.
    """
    files, problems = _read(folder)
    fingerprint = _fingerprint(files)
    name = f"trees-{fingerprint}-{kept.version()}.json"
    passed = kept.read(cache, name)
    trees, unparsed = (json.loads(passed), []) if passed else _parse_in_child(files)
    problems += unparsed
    knowledge, origin = assemble(trees, problems, fingerprint)
    if not passed:
        problems += checks.cross_check(knowledge, origin, needed_as_in(DATA))
    problems += checks.lengths(knowledge, today, broken=bool(problems))
    if problems:
        raise KnowledgeError(sorted(set(problems)))
    if not passed:
        kept.keep(cache, name, json.dumps(trees).encode(), instead_of="trees-*.json")
    return replace(knowledge, index=compiled(knowledge, cache))


def fingerprint_of(folder: Path) -> str:
    """Change with the name or content of any YAML file below *folder*, and with nothing else."""
    return _fingerprint(_read(folder)[0])


def _read(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """The YAML files by name, in order. Hidden files and editors' copies are none of ours."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*.y*ml")):
        name = path.relative_to(folder).as_posix().encode("utf-8", "replace").decode()
        if any(part.startswith((".", "~")) for part in name.split("/")) or not path.is_file():
            continue
        if path.suffix == ".yml":
            remedy = "đổi đuôi tệp thành .yaml"
            problems.append(Problem(name, 1, "tệp đuôi .yml không được đọc", remedy))
        elif path.suffix == ".yaml":
            try:
                large = path.stat().st_size > MAX_BYTES
                files[name] = b"" if large else path.read_bytes()
            except OSError as error:
                message = f"không đọc được tệp ({error.strerror})"
                problems.append(Problem(name, 1, message, "kiểm tra quyền đọc tệp"))
                continue
            if large:
                problems.append(Problem(name, *TOO_LARGE))
    if not files and not problems:
        message = f"không có tệp .yaml nào trong thư mục {folder}"
        problems.append(Problem(NO_FOLDER, 1, message, "kiểm tra lại đường dẫn thư mục tri thức"))
    return files, problems


def _fingerprint(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in files.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return digest.hexdigest()[:32]


def _parse_in_child(files: Mapping[str, bytes]) -> tuple[dict[str, Node], list[Problem]]:
    header = json.dumps([[name, len(data)] for name, data in files.items()])
    script = Path(__file__).with_name("parsing.py")
    # -P: the child finds PyYAML where we do, and never mistakes a module beside the script for it.
    command = [sys.executable, "-P", str(script)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and script, no shell
            command,
            input=b"\n".join([header.encode(), b"".join(files.values())]),
            capture_output=True,
            timeout=PARSE_SECONDS,
            check=False,
        )
        output, ended, complaint = done.stdout, done.returncode, done.stderr
    except subprocess.TimeoutExpired as error:
        output, ended, complaint = error.stdout or b"", -1, f"quá {PARSE_SECONDS} giây".encode()
    except OSError as error:
        output, ended, complaint = b"", 1, str(error).encode()
    whole = output[: output.rfind(b"\n") + 1]  # the child may have died in the middle of a line
    lines = [json.loads(line) for line in whole.splitlines()]
    trees: dict[str, Node] = {}
    problems: list[Problem] = []
    for name, (tree, found) in zip(lines[::2], lines[1::2], strict=False):
        if tree is not None:
            trees[name] = tree
        problems += [Problem(name, *each) for each in found]
    if ended != 0:
        problems.append(_why_ended(lines, complaint))
    return trees, problems


def _why_ended(lines: list[str], complaint: bytes) -> Problem:
    """What to tell when the child did not come to its end; *lines* is what it said before."""
    if len(lines) % 2:
        message = "đọc tệp này quá lâu hoặc quá tốn bộ nhớ nên đã dừng"
        return Problem(lines[-1], 1, message, "khôi phục bản trước của tệp")
    last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
    message = f"không chạy được tiến trình đọc tệp: {last or 'không rõ lý do'}"
    return Problem(NO_FOLDER, 1, message, "cài lại chương trình, hoặc báo người quản trị máy")
