"""Pictures: readable bytes of the right size; a missing letter is a warning, and so an error."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from matplotlib.image import imread

from bot.pictures import MOST_AXES, PIXELS, radar
from tests.knowledge import guidance

# Every Vietnamese letter with every tone, by name so that none is forgotten.
LETTERS = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_radar_is_a_square_png_for_a_phone() -> None:
    drawn = radar("Tự đánh giá", [("Lãnh đạo", 3.5), ("Chiến lược", 0), ("Vận hành", 5)], 5)

    assert drawn.startswith(PNG)
    assert struct.unpack(">II", drawn[16:24]) == (PIXELS, PIXELS)
    assert len(drawn) < 300_000


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_no_name_of_an_aspect_runs_over_the_edge(value: float) -> None:
    axes = [(aspect.label, value) for aspect in guidance.assessment().aspects]
    pixels = imread(BytesIO(radar("Tự đánh giá ngày 20/11/2026", axes, 5)))[:, :, :3]

    for edge in (pixels[:10], pixels[-10:], pixels[:, :10], pixels[:, -10:]):
        assert (edge == 1.0).all()


@pytest.mark.parametrize("letters", [LETTERS, LETTERS.upper()])
def test_no_vietnamese_letter_is_missing_from_the_font(letters: str) -> None:
    axes = [(letters[n : n + 12], 1.0) for n in range(0, len(letters), 12)]

    assert radar(letters, axes, 5).startswith(PNG)


@pytest.mark.parametrize("axes", [2, MOST_AXES + 1])
def test_too_few_and_too_many_axes_are_no_radar(axes: int) -> None:
    with pytest.raises(ValueError, match="axes"):
        radar("t", [("a", 1.0)] * axes, 5)
