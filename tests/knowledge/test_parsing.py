"""What a hostile, broken or merely untidy file becomes: a tree, or problems with their lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import parsing
from knowledge.parsing import parse
from tests.effort import examples

BILLION_LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"
MERGE_BOMB = "base:\n  a: 1\nnext:\n  <<: {a: 1}\n"

HOSTILE = {
    "anchors and aliases": (BILLION_LAUGHS, 1),
    "an alias alone": ("a: 1\nb: *a\n", 2),
    "an alias to itself": ("a: &a [*a]\n", 1),
    "a merge key": (MERGE_BOMB, 4),
    "a tag that would run code": ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2),
    "a local tag": ("a: !mine 1\n", 1),
    "a hundred thousand brackets": ("a: 1\nb: " + "[" * 100_000, 2),
    "a hundred thousand braces": ("a: " + "{a: " * 100_000, 1),
    "deep nesting by indentation": ("\n".join(" " * n + "a:" for n in range(40)), 20),
    "NUL": ("đề: ế\nb: \0\n", 2),
    "a bell": ("a: 1\n\nb: \a\n", 3),
    "a tab for indentation": ("a:\n\t- b\n", 2),
    "a list as a key": ("a: 1\n? [b, c]\n: d\n", 2),
    "two documents": ("a: 1\n---\nb: 2\n", 2),
    "a quote that never closes": ("a: 1\nb: 'x\nc: y\n", 2),
    "a colon inside a sentence": ("a: 1\nb: xin: chào\n", 2),
    "a list that slips out": ("a:\n  - b\n - c\n", 3),
    "the same key twice": ("a: 1\nb: 2\na: 3\n", 3),
    "the same key twice, deep inside": ("a:\n  - {b: 1, b: 2}\n", 2),
    "nothing": ("", 1),
    "only remarks": ("# sẽ viết sau\n", 1),
    "a surrogate": ('a: "\\ud800"\n', 1),
    "a percent sign at the start": ("a: 1\nb: %x\n", 2),
}


@pytest.mark.parametrize(("text", "line"), HOSTILE.values(), ids=HOSTILE)
def test_what_nobody_should_write_is_a_problem_with_its_line(text: str, line: int) -> None:
    _, found = parse(text.encode())

    assert [each[0] for each in found] == [line]
    assert all(message and remedy for _, message, remedy in found)


def test_every_double_key_is_told_and_the_first_one_counts() -> None:
    tree, found = parse(b"a: 1\na: 2\nb: 3\nb: 4\na: 5\n")

    assert [line for line, _, _ in found] == [2, 4, 5]
    assert tree == [1, {"a": [1, [1, "1"]], "b": [3, [3, "3"]]}]


@pytest.mark.parametrize(
    "value",
    ["no", "on", "12:30", "1_000", "0912345678", "1:1:1", "0x10", "2026-11-20", "3.0", "9" * 5000],
)
def test_a_bare_value_stays_the_text_it_is(value: str) -> None:
    assert parse(f"a: {value}\n".encode()) == ([1, {"a": [1, [1, value]]}], [])


@pytest.mark.parametrize("value", ["", "~", "null", "Null", "NULL"])
def test_a_bare_null_is_empty_and_a_quoted_one_is_a_word(value: str) -> None:
    bare, _ = parse(f"a: {value}\n".encode())
    quoted, _ = parse(f"a: '{value}'\n".encode())

    assert bare == [1, {"a": [1, [1, ""]]}]
    assert quoted == [1, {"a": [1, [1, value]]}]


def test_a_long_base_60_number_is_text_and_costs_nothing() -> None:
    number = "1" + ":1" * 200_000

    tree, found = parse(f"a: {number}\n".encode())

    assert not found
    assert tree is not None
    assert tree[1]["a"][1][1] == number


def test_windows_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    plain = parse("a: mục\nb:\n  - một\n".encode())

    assert parse("\ufeffa: mục\r\nb:\r\n  - một\r\n".encode()) == plain


def test_decomposed_letters_become_the_ones_that_everybody_types() -> None:
    decomposed = "a: Ho\u0302\u0300 so\u031b\n"

    assert parse(decomposed.encode()) == ([1, {"a": [1, [1, "Hồ sơ"]]}], [])


def test_another_encoding_is_told_with_the_line_of_its_first_byte() -> None:
    tree, found = parse("a: 1\nb: mục\n".encode("cp1258", "replace") + b"\xff")

    assert tree is None
    assert found == [(3, "tệp không phải UTF-8", "lưu lại tệp với mã hoá UTF-8")]


def test_a_file_is_bounded_in_size_and_in_values() -> None:
    too_large = parse(b"#" * (parsing.MAX_BYTES + 1))
    too_many = parse(b"a:\n" + b"- b\n" * (parsing.MAX_NODES + 1))

    assert too_large == (None, [(1, "tệp lớn hơn 2 MiB", "chia thành nhiều tệp")])
    assert [message for _, message, _ in too_many[1]] == ["có hơn 200000 mục"]


def test_common_slips_are_explained_in_vietnamese() -> None:
    _, found = parse("câu: Xin lưu ý: nộp sớm\n".encode())

    assert found == [
        (
            1,
            "sai cú pháp YAML: dấu “: ” nằm giữa câu không có dấu nháy, hoặc dòng này thụt lề sai",
            "kiểm tra thụt lề, dấu “: ” và dấu nháy",
        )
    ]


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
@settings(max_examples=examples(100), deadline=None)
def test_whatever_the_bytes_are_reading_ends_with_a_tree_or_a_problem(data: bytes) -> None:
    tree, found = parse(data)

    assert tree is not None or found
    assert all(line >= 1 for line, _, _ in found)


YAML_TOKENS = st.sampled_from(
    [*"-:?[]{},#&*!|>'\"%@`~ \n\taế", "\n  ", "\n- ", ": ", "<<: ", "---\n", "...\n"]
)


@given(st.lists(YAML_TOKENS, max_size=60).map("".join))
@settings(max_examples=examples(100), deadline=None)
def test_whatever_yaml_signs_stand_together_reading_ends(text: str) -> None:
    tree, found = parse(text.encode())

    assert tree is not None or found
