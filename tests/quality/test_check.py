"""`donghanh check`: what the index says of its own variants, and what an edit changes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.quality.comparing import NoRevision, compare, earlier
from bot.quality.linting import FEW_LEFT, MOST_STRAYS, lint
from knowledge import Knowledge, load
from knowledge.clock import noon
from knowledge.index import Finding, Index
from tests.quality.conftest import TODAY, Run
from tests.quality.folder import VARIANTS, lay

NOW = noon(TODAY)
Git = Callable[..., None]


class Told(Index):
    """An index that says what a test wants it to say."""

    def lint(self) -> list[Finding]:
        return FINDINGS


FINDINGS = [
    Finding("unreachable", "levels.gold", "", ""),
    Finding("rivals", "cost.fee", "barcode.fee", "", 6),
    Finding("rivals", "cost.fee", "levels.gold", "", 2),
    *(Finding("stray", "cost.fee", "barcode.fee", f"phí {n}", 0.99) for n in range(20)),
    Finding("stray", "dossier.items", "dossier.where", "hồ sơ đâu", 0.99),
    Finding("stray", "cost.fee", "levels.gold", "bao nhiêu", 0.01),
]


def changed(entry: str, *variants: str) -> Mapping[str, Sequence[str]]:
    return {**VARIANTS, entry: variants}


# Lint ------------------------------------------------------------------------------------------


@pytest.fixture
def judged(little: Knowledge) -> Knowledge:
    return replace(little, index=Told(little.index._parts))  # the double's only way in


def test_a_knowledge_base_near_its_limit_is_told_so(little: Knowledge) -> None:
    class Crowded(Told):
        @property
        def room(self) -> int:
            return 12

    class Full(Told):
        @property
        def room(self) -> int:
            return 0

    near, full = (
        lint(replace(little, index=each(little.index._parts))).more[0] for each in (Crowded, Full)
    )

    assert little.index.room > FEW_LEFT
    assert "chỗ cho 12 cách hỏi" in near
    assert "bỏ bớt" in full


def test_the_worst_are_named_with_file_line_and_remedy_and_the_rest_counted(
    judged: Knowledge,
) -> None:
    found = lint(judged)

    unreachable, rivals, *strays = found.problems
    entry = judged.entries["cost.fee"]
    assert (unreachable.file, unreachable.remedy != "") == ("faq/levels.yaml", True)
    assert "“cost.fee” và “barcode.fee” giành 6 cách hỏi" in rivals.message
    assert len(strays) == MOST_STRAYS
    assert {(each.file, each.line) for each in strays} == {(entry.file, entry.line)}
    assert found.more == ("còn 5 cách hỏi nữa chỉ đúng nhờ chính nó",)


def test_what_stays_in_its_topic_or_would_not_be_answered_is_no_trouble(judged: Knowledge) -> None:
    told = " ".join(problem.message for problem in lint(judged).problems)

    assert "hồ sơ đâu" not in told
    assert "“bao nhiêu”" not in told


def test_the_old_and_the_new_answer_to_one_question_may_share_their_words(
    judged: Knowledge,
) -> None:
    old = replace(judged.entries["barcode.fee"], supersedes="cost.fee")
    heirs = replace(judged, entries={**judged.entries, "barcode.fee": old})

    assert not any("giành" in problem.message for problem in lint(heirs).problems)


def test_the_lint_is_part_of_the_check(donghanh: Run) -> None:
    done = donghanh("check")

    assert done.exit_code == 0
    assert all(line.startswith(("NHẮC  ", "Đạt: ")) for line in done.stdout.splitlines())


# What an edit changes --------------------------------------------------------------------------


def test_a_moved_variant_changes_the_answer_of_its_question(tmp_path: Path) -> None:
    moved = {**changed("cost.fee", *VARIANTS["cost.fee"][:2])}
    moved["levels.gold"] = (*VARIANTS["levels.gold"], VARIANTS["cost.fee"][2])
    before = load(lay(tmp_path / "a"), today=TODAY)
    after = load(lay(tmp_path / "b", moved), today=TODAY)

    found = compare(before, after, (), NOW)

    assert str(found.changes[0]) == "“đăng ký có tốn tiền không”: cost.fee → levels.gold"
    assert (found.reworded, found.added, found.removed) == ((), (), ())


def test_another_answer_a_new_and_a_lost_one_are_told(tmp_path: Path, little: Knowledge) -> None:
    fewer = {name: lines for name, lines in VARIANTS.items() if name != "levels.gold"}
    without = load(lay(tmp_path, fewer), today=TODAY)
    entry = replace(without.entries["cost.fee"], answer="Không mất.")
    after = replace(without, entries={**without.entries, "cost.fee": entry})

    there, back = compare(little, after, (), NOW), compare(after, little, (), NOW)

    assert there.reworded == back.reworded == ("cost.fee",)
    assert there.removed == back.added == ("levels.gold",)
    assert "1 câu trả lời đã bỏ" in list(there.lines())


def test_what_people_asked_is_compared_too(tmp_path: Path, little: Knowledge) -> None:
    question = "xin hỏi về khoản đóng góp"
    richer = changed("cost.fee", *VARIANTS["cost.fee"], "hỏi về khoản đóng góp")
    after = load(lay(tmp_path, richer), today=TODAY)

    texts = [change.question for change in compare(little, after, (question,), NOW).changes]

    assert question in texts
    assert "hỏi về khoản đóng góp" in texts


@pytest.fixture
def git(here: Path) -> Git:
    """Run git in the folder of the test, as nobody in particular."""

    def run(*arguments: str) -> None:
        author = ("-c", "user.name=x", "-c", "user.email=x@x.invalid")
        subprocess.run(["git", *author, *arguments], cwd=here, check=True, capture_output=True)

    run("init", "--quiet")
    run("add", "tri-thuc")
    run("commit", "--quiet", "--message", "first")
    return run


@pytest.mark.usefixtures("git")
def test_an_edit_is_compared_with_a_revision(donghanh: Run, here: Path) -> None:
    moved = {**changed("cost.fee", *VARIANTS["cost.fee"][:2])}
    moved["levels.gold"] = (*VARIANTS["levels.gold"], VARIANTS["cost.fee"][2])
    lay(here / "tri-thuc", moved)

    done = donghanh("check", "--against", "HEAD", "--date", "2026-11-20")

    assert done.exit_code == 0
    assert "“đăng ký có tốn tiền không”: cost.fee → levels.gold" in done.stdout
    assert "0 câu trả lời đổi nội dung" in done.stdout


ASKED = ("tốn bao nhiêu tiền để tham gia", "cho hỏi giải vàng")


@pytest.mark.usefixtures("git")
@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("organisation.yaml", "policy: vừa", "policy: chặt", "cost.fee → hỏi lại"),
        ("commands.yaml", "words: [", "words: [cho hỏi giải vàng, ", "→ lệnh start"),
    ],
)
def test_whatever_changes_an_answer_is_compared(
    here: Path, name: str, old: str, new: str, told: str
) -> None:
    file = here / "tri-thuc" / name
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    before = earlier(here / "tri-thuc", "HEAD", NOW, here / "cache")
    after = load(here / "tri-thuc", today=TODAY)

    found = compare(before, after, ASKED, NOW)

    assert any(told in str(change) for change in found.changes)


def test_an_older_revision_needs_no_sentence_of_today(here: Path, git: Git) -> None:
    (here / "tri-thuc" / "phrases.yaml").write_text("{}", encoding="utf-8")
    git("commit", "--quiet", "--all", "--message", "old")
    lay(here / "tri-thuc")

    before = earlier(here / "tri-thuc", "HEAD", NOW, here / "cache")

    assert set(before.entries) == set(VARIANTS)


@pytest.mark.usefixtures("git")
@pytest.mark.parametrize("revision", ["nothing", "--help", ""])
def test_a_revision_that_is_none_is_told(here: Path, revision: str) -> None:
    with pytest.raises(NoRevision, match="không có bản"):
        earlier(here / "tri-thuc", revision, NOW, here / "cache")


def test_a_folder_outside_git_is_told(donghanh: Run) -> None:
    done = donghanh("check", "--against", "HEAD")

    assert done.exit_code == 65
    assert "không nằm trong kho git nào" in done.stdout


def test_a_revision_without_the_folder_is_told(here: Path, git: Git) -> None:
    git("rm", "--quiet", "-r", "--cached", "tri-thuc")
    git("commit", "--quiet", "--allow-empty", "--message", "gone")

    with pytest.raises(NoRevision, match="không có thư mục"):
        earlier(here / "tri-thuc", "HEAD", NOW, here / "cache")
