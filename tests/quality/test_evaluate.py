"""`donghanh evaluate`: end to end on a knowledge and question sets made by hand."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from bot.quality.evaluation import Evaluation, evaluate, report
from bot.quality.noise import NOISES
from bot.quality.questions import ENTRY, TOPIC, Question, Sheet, read_questions, read_variants
from bot.quality.scores import IN_CONTEXT, Result
from bot.quality.subjects import Assistant, BareIndex, Did
from knowledge import Knowledge
from knowledge.clock import noon
from knowledge.index import Index
from tests.knowledge.award import AWARD
from tests.quality.conftest import TODAY, Run

NOW: datetime = noon(TODAY)
SHEET = """topic\tstyle\tquestion
cost\tplain\tđăng ký có tốn tiền không
cost\tno_diacritics\tle phi du giai thuong la bao nhieu
dossier|cost\ttwo_topics\tNộp hồ sơ ở đâu? lệ phí dự giải thưởng là bao nhiêu?
dossier\tfollow_up\tcòn nơi nộp thì sao
smalltalk\tplain\txin chào
\tplain\tlàm hộ chiếu ở đâu
out_of_scope\tplain\tasdf qwer
"""


def sheet(tmp_path: Path, text: str = SHEET) -> Path:
    path = tmp_path / "hoi.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def result(evaluation: Evaluation, text: str) -> Result:
    (found,) = (each.result for each in evaluation.tried if each.question.text.startswith(text))
    return found


async def test_the_assistant_is_judged_as_people_meet_it(tmp_path: Path, little: Knowledge) -> None:
    evaluation = await evaluate(Assistant(little, NOW), read_questions(sheet(tmp_path)))

    assert result(evaluation, "đăng ký có tốn") is Result.RIGHT
    assert result(evaluation, "le phi") is Result.RIGHT
    assert result(evaluation, "Nộp hồ sơ") is Result.RIGHT  # both of them
    assert result(evaluation, "xin chào") is Result.RIGHT
    assert result(evaluation, "làm hộ chiếu") is Result.RIGHT  # declined by name
    assert result(evaluation, "asdf") is Result.RIGHT  # declined


async def test_a_follow_up_is_asked_once_more_after_its_topic(
    tmp_path: Path, little: Knowledge
) -> None:
    subject = Assistant(little, NOW)
    evaluation = await evaluate(subject, read_questions(sheet(tmp_path)))

    (again,) = evaluation.in_context
    assert again.question.style == "follow_up"
    assert again.result in (Result.RIGHT, Result.OFFERED)
    told = report(subject, evaluation)
    assert told.rates.asked == 4
    assert told.by_style[IN_CONTEXT].asked == told.by_style["follow_up"].asked == 1


async def test_entries_can_be_asked_for_instead_of_topics(little: Knowledge) -> None:
    questions = (
        Question("đăng ký có tốn tiền không", ("cost.fee",), by=ENTRY),
        Question("nộp hồ sơ ở đâu", ("dossier.items",), by=ENTRY),
        Question("thủ tục cấp hộ chiếu phổ thông", ("out_of_scope",), by=ENTRY),
    )
    evaluation = await evaluate(Assistant(little, NOW), Sheet(dict(enumerate(questions))))

    assert [each.result for each in evaluation.tried] == [Result.RIGHT, Result.WRONG, Result.RIGHT]
    assert evaluation.tried[0].judgement.ranked[0][0] == "cost.fee"


async def test_every_policy_is_compared_on_the_question_alone(
    tmp_path: Path, little: Knowledge
) -> None:
    subject = Assistant(little, NOW)
    told = report(subject, await evaluate(subject, read_questions(sheet(tmp_path))))

    assert list(told.policies) == ["chặt", "vừa", "rộng"]
    for compared in told.policies.values():
        assert compared.expected.keys() == compared.measured.keys()
        assert all(0 <= share <= 1 for share in compared.measured.values())


async def test_an_index_of_anybodys_questions_can_be_judged() -> None:
    subject = BareIndex(Index.build(AWARD))
    known = await subject.judge(Question("Nộp hồ sơ ở đâu?", ("dossier.where",)))
    strange = await subject.judge(Question("mai trời mưa không nhỉ", ("out_of_scope",)))

    assert known.act.did is Did.ANSWER
    assert known.act.names == ("dossier.where",)
    assert strange.act.did is not Did.ANSWER


async def test_equal_noise_gives_equal_figures(tmp_path: Path, little: Knowledge) -> None:
    subject, asked = Assistant(little, NOW), read_questions(sheet(tmp_path))
    once, again = [await evaluate(subject, asked, noise="typo2", seed=7) for _ in range(2)]

    assert once == again
    assert {each.question.text for each in once.tried} != {q.text for q in asked.questions.values()}


# The files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("topic\thỏi\na\tb\n", "không có cột “question”"),
        ("question\nhồ sơ\n", "cần cột “topic” hoặc “entry”"),
        ("topic\tquestion\n\n", "không có câu hỏi nào"),
    ],
)
def test_a_sheet_that_is_none_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_questions(sheet(tmp_path, text))


def test_a_sheet_may_come_from_windows(tmp_path: Path) -> None:
    text = '\ufeffentry\tquestion\r\na|b\t "hồ sơ" \r\n\tgì\r\n'
    (one, two) = read_questions(sheet(tmp_path, text)).questions.values()

    assert one == Question('"hồ sơ"', ("a", "b"), by=ENTRY)
    assert two.wanted == ("out_of_scope",)


def test_of_both_labels_the_entry_counts_and_where_it_is_empty_the_topic(tmp_path: Path) -> None:
    text = "topic\tentry\tquestion\ncost\tcost.fee\tlệ phí\ncost\t\ttốn tiền không\n\t\thộ chiếu\n"
    both, topic, neither = read_questions(sheet(tmp_path, text)).questions.values()

    assert (both.wanted, both.by) == (("cost.fee",), ENTRY)
    assert (topic.wanted, topic.by) == (("cost",), TOPIC)
    assert neither.wanted == ("out_of_scope",)


def test_lines_without_a_question_are_counted(donghanh: Run, here: Path) -> None:
    sheet(here, SHEET + "lệ phí bao nhiêu\n\ncost\tplain\n")

    assert "bỏ qua: 2 (dòng 9, 11)" in donghanh("evaluate", "hoi.tsv").stdout
    told = json.loads(donghanh("evaluate", "hoi.tsv", "--json").stdout)
    assert told["clean"]["unread"] == [9, 11]


def test_variants_are_read_by_entry_in_order(tmp_path: Path) -> None:
    text = "entry\tvariant\nb\tmột\na\thai\nb\tba\n"

    assert read_variants(sheet(tmp_path, text)) == {"b": ["một", "ba"], "a": ["hai"]}


# The command -----------------------------------------------------------------------------------


def test_the_command_prints_the_figures_and_writes_the_misses(donghanh: Run, here: Path) -> None:
    sheet(here, SHEET + "levels\tplain\tlàm hộ chiếu ở đâu\n")

    done = donghanh("evaluate", "hoi.tsv", "--misses", "chua-dung.tsv", "--date", "2026-11-20")

    assert done.exit_code == 0
    for heading in ("Theo chủ đề", "Theo kiểu câu", "Mức tin cậy", "Hay lẫn", "ECE"):
        assert heading in done.stdout
    header, *rows = (here / "chua-dung.tsv").read_text("utf-8").splitlines()
    assert header.split("\t")[:3] == ["wanted", "style", "question"]
    assert ["levels", "plain", "làm hộ chiếu ở đâu"] in [row.split("\t")[:3] for row in rows]


def test_the_misses_of_each_noise_and_of_follow_ups_in_context_are_written(
    donghanh: Run, here: Path
) -> None:
    sheet(here, "topic\tstyle\tquestion\ncost\tfollow_up\tlàm hộ chiếu ở đâu\n")

    donghanh("evaluate", "hoi.tsv", "--noise", "all", "--misses", "chua-dung.tsv")

    lines = (here / "chua-dung.tsv").read_text("utf-8").splitlines()
    header, *rows = [line.split("\t") for line in lines]
    written = {(row[header.index("style")], row[header.index("noise")]) for row in rows}
    assert {("follow_up", "clean"), (IN_CONTEXT, "clean")} <= written
    assert {noise for _, noise in written} == {"clean", *NOISES}


def test_the_command_measures_every_noise(donghanh: Run, here: Path) -> None:
    sheet(here)

    told = json.loads(donghanh("evaluate", "hoi.tsv", "--noise", "all", "--json").stdout)

    assert list(told) == ["clean", *NOISES]
    assert all(0 <= each["rates"]["top1"] <= 1 for each in told.values())
    assert told["clean"]["strangers"] == {"asked": 2, "answered": 0.0, "offered": 0.0}


def test_the_command_judges_another_index(donghanh: Run, here: Path) -> None:
    variants = [f"{entry}\t{line}" for entry, lines in AWARD.items() for line in lines[1:]]
    (here / "kho.tsv").write_text("\n".join(["entry\tvariant", *variants]), encoding="utf-8")
    asked = [f"{entry}\t{lines[0]}" for entry, lines in AWARD.items()]
    sheet(here, "\n".join(["entry\tquestion", *asked, "\tmai trời mưa không"]))

    told = json.loads(donghanh("evaluate", "hoi.tsv", "--index", "kho.tsv", "--json").stdout)

    assert told["clean"]["rates"]["asked"] == len(AWARD)
    assert told["clean"]["rates"]["top1"] > 0.5
    assert told["clean"]["strangers"]["asked"] == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none.tsv",), "none.tsv: không có tệp"),
        (("hoi.tsv", "--noise", "rain"), "nhiễu phải là một trong"),
        (("sai.tsv",), "dòng 2: không có chủ đề “costs”"),
    ],
)
def test_what_was_typed_wrongly_is_told(
    donghanh: Run, here: Path, arguments: tuple[str, ...], told: str
) -> None:
    sheet(here)
    (here / "sai.tsv").write_text("topic\tquestion\ncosts\tlệ phí\n", encoding="utf-8")

    done = donghanh("evaluate", *arguments)

    assert done.exit_code != 0
    assert told in " ".join(done.stderr.split())
