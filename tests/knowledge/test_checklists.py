"""Dossier checklists: what is firm and what is for reference, ticked and explained by number."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from knowledge.checklists import (
    BAR,
    FULL,
    Progress,
    asked_about,
    bar,
    item_at,
    lines,
    numbers,
    progress,
    sections,
    toggled,
)
from knowledge.guide_reading import checklist, checklist_links
from tests.knowledge import guidance

SHOWN = sections(guidance.checklists(), guidance.checklists()["dossier-2026"])
NUMBERS = [number for section in SHOWN for number, _ in section.items]
IDS = [item.id for section in SHOWN for _, item in section.items]


def test_what_every_case_needs_stands_apart_from_the_lapsed_list() -> None:
    assert [section.heading for section in SHOWN] == [
        "Chuẩn bị trước, cần trong mọi trường hợp",
        "Theo quy định trước đây, để tham khảo",
    ]
    assert len(SHOWN[1].items) == 8


def test_items_are_numbered_through_so_that_a_number_means_one_item() -> None:
    assert list(range(1, len(IDS) + 1)) == NUMBERS
    assert len(set(IDS)) == len(IDS)


def test_every_item_says_why_and_what_others_got_wrong() -> None:
    for section in SHOWN:
        for _, item in section.items:
            assert item.explanation
            assert item.mistakes


def test_the_lines_show_number_tick_and_progress() -> None:
    first = replace(SHOWN[0], items=SHOWN[0].items[:2])

    assert lines(first, ["proof12"]) == [
        "**Chuẩn bị trước, cần trong mọi trường hợp** ■■■■□□□□ 1/2",
        "☐ 1. Giấy tờ cho thấy hoạt động đủ 36 tháng",
        "☑ 2. Giấy tờ cho thấy sản phẩm đã bán đủ 12 tháng",
    ]


def test_numbers_are_read_however_they_are_listed() -> None:
    assert numbers("1, 3 và 5") == (1, 3, 5)
    assert numbers("2 2 4") == (2, 4)
    assert numbers("3 bộ hồ sơ") == ()
    assert numbers("") == ()


def test_a_question_mark_beside_a_number_asks_about_that_item() -> None:
    assert asked_about("?3") == asked_about(" 3 ? ") == 3
    assert asked_about("3") is None
    assert asked_about("mục 3 là gì?") is None


def test_a_number_beyond_the_list_means_nothing() -> None:
    assert item_at(SHOWN, 99) is None
    assert toggled(SHOWN, ["law"], [99]) == ["law"]


def test_ticks_of_items_that_no_longer_exist_are_forgotten_and_the_others_stay() -> None:
    assert toggled(SHOWN, ["gone", "law"], []) == ["law"]


@given(ticked=st.sets(st.sampled_from(IDS)), which=st.sets(st.sampled_from(NUMBERS)))
def test_ticking_twice_changes_nothing(ticked: set[str], which: set[int]) -> None:
    once = toggled(SHOWN, ticked, which)

    assert set(toggled(SHOWN, once, which)) == ticked


@given(ticked=st.sets(st.sampled_from(IDS)), number=st.sampled_from(NUMBERS))
def test_a_tick_more_is_a_step_further(ticked: set[str], number: int) -> None:
    item = item_at(SHOWN, number)
    assert item is not None
    done = sum(progress(section, ticked - {item.id}).done for section in SHOWN)
    more = sum(progress(section, ticked | {item.id}).done for section in SHOWN)

    assert more == done + 1


@given(total=st.integers(1, 40), data=st.data())
def test_the_bar_is_full_only_at_the_end_and_empty_only_at_the_start(
    total: int, data: st.DataObject
) -> None:
    done = data.draw(st.integers(0, total))
    drawn = bar(Progress(done, total))

    assert len(drawn) == BAR
    assert (drawn == FULL * BAR) == (done == total)
    assert (FULL in drawn) == (done > 0)


def test_the_checklists_name_only_what_is_there() -> None:
    known = guidance.pointed_to()
    lists = guidance.checklists()

    assert list(checklist_links(lists, guidance.rule_sets(), known.entries, known.sources)) == []


def test_a_checklist_that_points_nowhere_is_found() -> None:
    known = guidance.pointed_to()
    broken = replace(guidance.checklists()["dossier-2026"], borrows="không-có", ruleset="x")

    found = list(checklist_links({"dossier-2026": broken}, (), known.entries, known.sources))

    assert [each.message for each in found] == [
        "không có bộ điều kiện “x”",
        "không có danh mục “không-có”",
    ]


def test_two_items_with_one_id_are_found_at_their_line() -> None:
    item = "{id: a, label: L, explanation: E, mistakes: [], entry: x}"
    head = "id: i\nprogramme: p\nruleset: r\nlabel: l\nheading: h\nnote: n\nsources: []\nitems:\n"

    _, found = guidance.read_text(f"{head}  - {item}\n  - {item}\n", checklist)

    assert [(each.line, each.message) for each in found] == [(10, "mã “a” bị khai hai lần")]


def test_a_list_is_shared_only_with_a_whole_consent_and_a_name_that_a_button_can_show() -> None:
    head = (
        "id: i\nprogramme: p\nruleset: r\nlabel: l\nheading: h\nnote: n\nsources: []\nitems: []\n"
    )
    private, found = guidance.read_text(head, checklist)
    assert (private.shared_as, found) == ("", [])

    wrong = (
        "shared:\n  label: Một tên gọi dài hơn một nút bấm có thể hiện\n  consent: {purpose: p}\n"
    )
    _, found = guidance.read_text(head + wrong, checklist)
    assert {each.line for each in found} == {10, 11}
    assert sum("thiếu mục" in each.message for each in found) == 2
    assert any("dài" in each.message for each in found)


def test_an_item_that_no_button_can_carry_and_one_ticked_with_another_are_found() -> None:
    known, lists = guidance.pointed_to(), guidance.checklists()
    own, earlier = lists["dossier-2026"], lists["dossier-before-2026"]
    long = replace(own.items[0], id="x" * 45)
    twice = replace(earlier.items[0], id=own.items[1].id)
    broken = {
        own.id: replace(own, items=(long, *own.items[1:])),
        earlier.id: replace(earlier, items=(twice, *earlier.items[1:])),
    }

    found = list(checklist_links(broken, guidance.rule_sets(), known.entries, known.sources))

    assert [(each.line, each.message) for each in found] == [
        (long.line, f"nút của mục “{long.id}” trong danh mục “dossier-2026” dài quá"),
        (twice.line, "mã “proof12” đã dùng trong danh mục “dossier-2026” mượn mục này"),
    ]
