"""Spoilt questions: repeatable, and what the engine is meant to undo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quality.noise import NOISES, spoil
from knowledge.text import normalise, telex, vni

QUESTION = "Hồ sơ đăng ký của doanh nghiệp gồm những gì vậy?"


@pytest.mark.parametrize("noise", NOISES)
def test_equal_questions_are_spoilt_equally_and_not_always_alike(noise: str) -> None:
    spoilt = {spoil(QUESTION, noise, seed) for seed in range(20)}

    assert spoil(QUESTION, noise, 3) == spoil(QUESTION, noise, 3)
    assert spoilt != {QUESTION}
    assert len(spoilt) > 1 or noise == "no-diacritics"


@pytest.mark.parametrize("noise", NOISES)
@given(text=st.text(max_size=60), seed=st.integers(0, 5))
def test_any_text_can_be_spoilt(noise: str, text: str, seed: int) -> None:
    assert isinstance(spoil(text, noise, seed), str)


def test_no_diacritics_is_the_folded_text_as_typed() -> None:
    assert spoil("Đăng ký Ở ĐÂU?", "no-diacritics", 1) == "Dang ky O DAU?"


@pytest.mark.parametrize(("noise", "read"), [("telex", telex), ("vni", vni)])
def test_keys_left_raw_spell_the_word_that_was_meant(noise: str, read: object) -> None:
    assert callable(read)
    meant = normalise(QUESTION).split()
    for seed in range(10):
        for word, typed in zip(meant, spoil(normalise(QUESTION), noise, seed).split(), strict=True):
            assert typed == word or read(typed) == word


def test_a_typo_changes_one_letter_or_two_neighbours() -> None:
    for seed in range(30):
        spoilt = spoil(QUESTION, "typo1", seed)
        assert abs(len(spoilt) - len(QUESTION)) <= 1
        assert sum(a != b for a, b in zip(QUESTION.split(), spoilt.split(), strict=False)) <= 2


def test_teencode_and_abbreviations_write_whole_words_short() -> None:
    assert spoil("hồ sơ của công ty", "abbreviations", 1) == "hs của cty"
    said = {word for seed in range(9) for word in spoil("cần gì", "teencode", seed).split()}
    assert said == {"cần", "gì", "j", "ji"}
