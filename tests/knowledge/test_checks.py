"""One slip at a time: what is told about it, and what is only a warning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge import Knowledge, KnowledgeError, checks, load
from tests.knowledge.folders import small, swap, write

TODAY = date(2026, 11, 20)

SLIPS = {
    "an id twice": (
        "faq/deadline.yaml",
        "  - id: deadline.next",
        "  - id: cost.fee",
        "mã “cost.fee” đã dùng ở faq/cost.yaml, dòng 3",
    ),
    "an id that is none": (
        "faq/deadline.yaml",
        "id: deadline.next",
        "id: Hạn nộp",
        "mã “Hạn nộp” không hợp lệ",
    ),
    "an unknown topic": (
        "faq/cost.yaml",
        "topic: cost",
        "topic: money",
        "không có chủ đề “money”",
    ),
    "a topic that opens another's entry": (
        "topics.yaml",
        "opens: cost.fee}",
        "opens: deadline.next}",
        "chủ đề “cost” mở tới “deadline.next” của chủ đề “deadline”",
    ),
    "a group of topics that no menu shows": (
        "topics.yaml",
        "label: Chi phí, group: award",
        "label: Chi phí, group: money",
        "“money” không dùng được ở đây",
    ),
    "an interest that nobody can choose": (
        "rules/deadlines.yaml",
        "    milestones:\n",
        "    interest: gold\n    milestones:\n",
        "phiếu đăng ký không có lựa chọn “gold”",
    ),
    "milestones that no button carries": (
        "rules/deadlines.yaml",
        "{id: registration, label: nộp đăng ký tham dự}",
        (
            "{id: registration, label: nộp đăng ký tham dự}\n"
            "      - {id: registration-of-the-year-after-next, label: xa}"
        ),
        "mã chương trình và mã mốc dài quá nút bấm",
    ),
    "no source": (
        "faq/deadline.yaml",
        "    sources:\n      - {source: nd37-2026, article: Điều 56}\n",
        "    sources: []\n",
        "câu trả lời không dẫn nguồn nào",
    ),
    "no day of review": (
        "faq/deadline.yaml",
        "    review_by: 2027-05-20\n",
        "",
        "thiếu mục “review_by”",
    ),
    "an empty day of review": (
        "faq/deadline.yaml",
        "review_by: 2027-05-20",
        "review_by: ~",
        "mục “review_by” còn trống",
    ),
    "a review before the verification": (
        "faq/deadline.yaml",
        "review_by: 2027-05-20",
        "review_by: 2026-01-01",
        "hạn rà soát không sau ngày đối chiếu",
    ),
    "a day that does not exist": (
        "sources.yaml",
        "in_force_from: 2026-01-23",
        "in_force_from: 2026-02-30",
        "“2026-02-30” không phải ngày",
    ),
    "a year that is a slip": (
        "sources.yaml",
        "in_force_from: 2026-01-23",
        "in_force_from: 9026-01-23",
        "“9026-01-23” không phải ngày",
    ),
    "a source that ends before it begins": (
        "sources.yaml",
        "in_force_until: 2026-07-01",
        "in_force_until: 2018-01-01",
        "ngày hết hiệu lực không sau ngày có hiệu lực",
    ),
    "a source replaced by nothing": (
        "sources.yaml",
        "replaced_by: nd37-2026",
        "replaced_by: nd38-2026",
        "nguồn “nd74-2018” được thay bởi “nd38-2026” không có",
    ),
    "text where a list belongs": (
        "faq/deadline.yaml",
        "keywords: [hạn chót]",
        "keywords: hạn chót",
        "chỗ này phải là một danh sách",
    ),
    "a list where text belongs": (
        "faq/deadline.yaml",
        "label: Hạn sắp tới",
        "label: [Hạn, sắp tới]",
        "chỗ này phải là chữ",
    ),
    "an empty variant": (
        "faq/deadline.yaml",
        "- bao giờ hết hạn đăng ký",
        "-",
        "một dòng của “variants” còn trống",
    ),
    "a variant without a word": (
        "faq/deadline.yaml",
        "- bao giờ hết hạn đăng ký",
        "- '???'",
        "“???” của “deadline.next” không có chữ nào",
    ),
    "a keyword that is a sentence": (
        "faq/deadline.yaml",
        "[hạn chót]",
        "[hạn chót của năm]",
        "từ khoá “hạn chót của năm” của “deadline.next” không có 1 đến 3 tiếng",
    ),
    "a blank that nobody fills": (
        "faq/deadline.yaml",
        "{contact}",
        "{phone}",
        "“deadline.next” có chỗ trống không ai điền: {phone}",
    ),
    "a blank that does not close": (
        "faq/deadline.yaml",
        "{contact}",
        "{contact",
        "“deadline.next” có dấu ngoặc nhọn lẻ",
    ),
    "bold that does not end": (
        "faq/cost.yaml",
        "**Không.**",
        "**Không.",
        "câu trả lời có dấu ** lẻ",
    ),
    "a label too long for a button": (
        "faq/deadline.yaml",
        "label: Hạn sắp tới",
        f"label: {'Hạn ' * 10}",
        f"nhãn “{('Hạn ' * 10).strip()}” dài 39 ký tự",
    ),
    "a link to itself": (
        "faq/deadline.yaml",
        "follow_ups: [cost.fee]",
        "follow_ups: [deadline.next]",
        "“deadline.next” dẫn tới chính nó",
    ),
    "a deadline for no milestone": (
        "rules/deadlines.yaml",
        "milestone: registration, year",
        "milestone: dossier, year",
        "không có mốc “gtclqg.dossier”",
    ),
    "a milestone whose name would split in two": (
        "rules/deadlines.yaml",
        "{id: registration,",
        "{id: regis.tration,",
        "mã “regis.tration” có dấu chấm",
    ),
    "an hour with a time zone": (
        "rules/deadlines.yaml",
        "year: 2027}",
        "year: 2027, closes_at: '17:00+07:00'}",
        "“17:00+07:00” không phải giờ",
    ),
    "a date without a source": (
        "rules/deadlines.yaml",
        "year: 2027}",
        "year: 2027, closes_on: 2027-03-31}",
        "hạn có ngày cụ thể mà không dẫn nguồn",
    ),
    "a province that there is not": (
        "organisation.yaml",
        "province: ''",
        "province: Hà Tây",
        "không có tỉnh, thành phố “Hà Tây”",
    ),
    "two commands by one word": (
        "commands.yaml",
        "words: [bắt đầu]",
        "words: [bắt đầu, Trợ Giúp]",
        "“tro giup” gọi cả lệnh “help” lẫn lệnh “start”",
    ),
    "a phrase that lost a blank": (
        "phrases.yaml",
        "Thời hạn {what} năm {year}",
        "Thời hạn {what}",
        "câu “deadline.unannounced” thiếu chỗ trống {year}",
    ),
    "a phrase with a blank too many": (
        "phrases.yaml",
        "Thời hạn {what} năm {year}",
        "Thời hạn {what} năm {year} {day}",
        "câu “deadline.unannounced” có dấu ngoặc nhọn mà chương trình không điền",
    ),
    "a phrase with a format of its own": (
        "phrases.yaml",
        "Thời hạn {what} năm {year}",
        "Thời hạn {what} năm {year} {year:>999999999}",
        "câu “deadline.unannounced” có dấu ngoặc nhọn mà chương trình không điền",
    ),
    "a form whose button carries too much": (
        "forms/register.yaml",
        "{id: none, label: Chưa đạt",
        f"{{id: {'n' * 48}, label: Chưa đạt",
        "mã câu hỏi và mã lựa chọn dài quá: nút bấm cần 69 byte",
    ),
    "a form that asks on an answer that there is not": (
        "forms/register.yaml",
        "values: [silver, gold, old]",
        "values: [bronze]",
        "điều kiện “when” không khớp lựa chọn của câu hỏi đứng trước",
    ),
    "a form whose tax code is asked as text": (
        "forms/register.yaml",
        "tax_code: tax_code",
        "tax_code: product",
        "vai trò “tax_code” trỏ tới câu hỏi kiểu text",
    ),
    "a consent with a blank of its own": (
        "forms/register.yaml",
        "{office}",
        "{name}",
        "mục “text” có dấu ngoặc nhọn mà chương trình không điền",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "told"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_where_it_was_made(
    tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    files = small()
    swap(files, file, old, new)

    with pytest.raises(KnowledgeError) as caught:
        load(write(tmp_path, files), today=TODAY)

    assert (file, told) in {(each.file, each.message) for each in caught.value.problems}


def test_an_answer_that_is_too_long_only_on_a_later_day_is_told_today(tmp_path: Path) -> None:
    files = small()
    past = "Trước đây tham dự cũng không mất phí."
    swap(files, "faq/cost.yaml", past, "a" * 1800)
    swap(files, "sources.yaml", "in_force_until: 2026-07-01", "in_force_until: 2027-07-01")
    swap(files, "sources.yaml", "Nghị định 74/2018/NĐ-CP", f"Nghị định {'74' * 30}")

    with pytest.raises(KnowledgeError) as caught:
        load(write(tmp_path, files), today=TODAY)

    (problem,) = caught.value.problems
    assert "“cost.fee_before” dài" in problem.message
    assert "vào ngày 01/07/2027" in problem.message


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("organisation.yaml", "policy: vừa", "policy: nào"),
        ("sources.yaml", "id: nd74-2018", "id: nd74 2018"),
        ("topics.yaml", "opens: deadline.next", "opens: deadline.nowhere"),
        ("phrases.yaml", "bad.scale: ", "bad.scale: Xin {blank} "),
        ("faq/cost.yaml", "question: Trước năm 2026 tham dự có mất phí không?", "question: ''"),
    ],
)
def test_a_slip_in_another_register_hides_no_answer_that_is_too_long(
    tmp_path: Path, file: str, right: str, wrong: str
) -> None:
    files = small()
    swap(files, "faq/cost.yaml", "**Không.** Tham dự", f"{'a' * 2000} Tham dự")
    swap(files, file, right, wrong)

    with pytest.raises(KnowledgeError) as caught:
        load(write(tmp_path, files), today=TODAY)

    found = caught.value.problems
    assert any(
        problem.file == file and "“cost.fee” dài" not in problem.message for problem in found
    )
    assert any("“cost.fee” dài" in problem.message for problem in found)


def test_other_slips_do_not_hide_an_answer_that_is_too_long(tmp_path: Path) -> None:
    files = small()
    swap(files, "faq/cost.yaml", "Tham dự không mất phí.", "a" * 2000)
    swap(files, "faq/deadline.yaml", "follow_ups: [cost.fee]", "follow_ups: [cost.nothing]")

    with pytest.raises(KnowledgeError) as caught:
        load(write(tmp_path, files), today=TODAY)

    told = [problem.message for problem in caught.value.problems]
    assert [message[:22] for message in told] == [
        "câu trả lời “cost.fee”",
        "“deadline.next” dẫn tớ",
    ]


# Warnings --------------------------------------------------------------------------------------


def warned(knowledge: Knowledge, today: date) -> list[str]:
    return [warning.message for warning in checks.ageing(knowledge, today)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    files = small()
    swap(files, "organisation.yaml", "name: ''", "name: Sở KH&CN")
    return load(write(tmp_path_factory.mktemp("sound"), files), today=TODAY)


def test_a_sound_folder_has_no_warning(sound: Knowledge) -> None:
    assert warned(sound, TODAY) == []
    assert list(checks.unreachable(sound)) == []


def test_an_entry_past_its_review_is_warned_of_from_the_day_after(sound: Knowledge) -> None:
    assert warned(sound, date(2027, 5, 20)) == []
    assert warned(sound, date(2027, 5, 21))[0] == "“cost.fee” quá hạn rà soát (20/05/2027)"


def test_a_source_is_warned_of_before_and_after_it_lapses(sound: Knowledge) -> None:
    until = date(2027, 3, 1)
    sources = {
        **sound.sources,
        "nd37-2026": replace(sound.sources["nd37-2026"], in_force_until=until),
    }
    ending = replace(sound, sources=sources)

    assert warned(ending, until - timedelta(days=61)) == []
    assert warned(ending, until - timedelta(days=60))[0] == (
        "“cost.fee” dẫn Nghị định 37/2026/NĐ-CP sẽ hết hiệu lực từ 01/03/2027"
    )
    assert warned(ending, until)[0] == (
        "“cost.fee” dẫn Nghị định 37/2026/NĐ-CP đã hết hiệu lực như quy định hiện hành"
    )


def test_a_question_that_is_a_command_is_warned_of(sound: Knowledge) -> None:
    fee = replace(sound.entries["cost.fee"], keywords=("Trợ giúp",))
    shadowed = replace(sound, entries={**sound.entries, "cost.fee": fee})

    assert warned(shadowed, TODAY) == ["“Trợ giúp” của “cost.fee” gọi lệnh “help”"]


def test_two_entries_that_nobody_can_tell_apart_without_accents_are_warned_of(
    sound: Knowledge,
) -> None:
    entries = dict(sound.entries)
    fee = entries["cost.fee"]
    entries["cost.fee_before"] = replace(entries["cost.fee_before"], question=fee.question)

    (warning,) = checks.unreachable(replace(sound, entries=entries))

    assert warning.message == (
        "hỏi không dấu “tham du giai co mat phi khong” ra “cost.fee” chứ không ra “cost.fee_before”"
    )
