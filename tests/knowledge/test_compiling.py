"""The index is compiled anew when what it is compiled from has changed, and only then."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import knowledge
from knowledge import load
from knowledge.compiling import ENGINE
from knowledge.compiling import compiled as compile_or_read
from tests.knowledge.folders import small, swap, write

TODAY = date(2026, 11, 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "folder", small())


def compiled(folder: Path) -> set[str]:
    """The indexes that are kept after *folder* was loaded."""
    kept = folder.parent / "cache"
    load(folder, today=TODAY, cache=kept)
    return {path.name for path in kept.glob("index-*")}


def edit(folder: Path, name: str, old: str, new: str) -> None:
    files = {name: (folder / name).read_text(encoding="utf-8")}
    swap(files, name, old, new)
    write(folder, files)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("rules/deadlines.yaml", "year: 2027}", "year: 2028}"),
        ("sources.yaml", "articles: 56–65", "articles: 56–66"),
        ("commands.yaml", "# Những điều", "# Các điều"),
    ],
)
def test_what_no_question_is_compared_with_compiles_nothing(
    folder: Path, name: str, old: str, new: str
) -> None:
    before = compiled(folder)
    edit(folder, name, old, new)

    assert compiled(folder) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("faq/cost.yaml", "- lệ phí dự giải là bao nhiêu", "- dự giải tốn bao nhiêu"),
        ("faq/cost.yaml", "Tham dự không mất phí.", "Ai cũng được miễn."),
        ("synonyms.yaml", "short: gtclqg\n", "short: gtclqgg\n"),
    ],
)
def test_other_words_compile_another_index(folder: Path, name: str, old: str, new: str) -> None:
    before = compiled(folder)
    edit(folder, name, old, new)

    assert compiled(folder) != before


def test_compiling_many_phrasings_is_said_once_and_loading_them_is_not(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    few = load(folder, today=TODAY)
    name, entry = next(iter(few.entries.items()))
    lines = tuple(f"câu hỏi số {number}" for number in range(600))
    many = replace(few, entries={**few.entries, name: replace(entry, variants=lines)})

    assert not caplog.records
    for _ in range(2):
        compile_or_read(many, folder.parent / "many")

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "đang chuẩn bị" in caplog.text


def test_all_that_the_engine_is_made_of_is_known() -> None:
    home = Path(knowledge.__file__).parent
    found, waiting = set(), ["index"]
    while waiting:
        module = waiting.pop()
        found.add(module)
        tree = ast.parse((home / f"{module}.py").read_text(encoding="utf-8"))
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = [node.module for node in froms if node.module and node.module != "knowledge"]
        names += [
            f"knowledge.{each.name}"
            for node in froms
            if node.module == "knowledge"
            for each in node.names
        ]
        parts = [name.removeprefix("knowledge.") for name in names if name.startswith("knowledge.")]
        waiting += [part for part in parts if part not in found]

    assert found == set(ENGINE)
