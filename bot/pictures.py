"""Pictures as PNG bytes, drawn for a phone: few words, large letters, Vietnamese letters whole.

matplotlib has its home here, without its global state (pyplot), so that two may be drawn at once.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from io import BytesIO
from math import cos, pi, sin
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

FONT = "DejaVu Sans"  # comes with matplotlib and has every Vietnamese letter
PIXELS, DPI = 1080, 120
LABEL_WIDTH, TITLE_WIDTH = 12, 34  # characters a line
MOST_AXES = 16  # more labels than that cover each other
NAME_WIDTH = 24
MOST_BARS = 8  # of a group: what a phone shows without turning it
BAR_PIXELS, TITLE_PIXELS, HEADING_ROWS = 62, 150, 1.2
NEARLY = 0.2  # a label this close to an axis is centred on it
INK, LINE, FILL = "#1f2933", "#0b6e4f", "#7bc8a4"


def radar(title: str, axes: Sequence[tuple[str, float]], most: float) -> bytes:
    """A radar of 3 to `MOST_AXES` *axes* (name, value from 0 to *most*), first on top, clockwise.

    Raises ValueError for fewer axes, which would enclose nothing, and for more.
    """
    if not 3 <= len(axes) <= MOST_AXES:  # noqa: PLR2004 - a triangle
        raise ValueError(f"a radar needs 3 to {MOST_AXES} axes")
    angles = [2 * pi * n / len(axes) for n in range(len(axes))]
    values = [min(max(value, 0.0), most) for _, value in axes]
    figure = Figure(figsize=(PIXELS / DPI, PIXELS / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    plot = PolarAxes(figure, (0.22, 0.16, 0.56, 0.56))
    figure.add_axes(plot)
    plot.set_theta_offset(pi / 2)
    plot.set_theta_direction(-1)
    plot.set_ylim(0, most)
    plot.set_yticks(range(1, int(most) + 1), labels=[])
    plot.set_xticks(angles, labels=[])
    plot.grid(color="#c4ccd4", linewidth=1)
    plot.spines["polar"].set_color("#c4ccd4")
    around, along = [*angles, angles[0]], [*values, values[0]]
    plot.fill(around, along, color=FILL, alpha=0.45)
    plot.plot(around, along, color=LINE, linewidth=3, marker="o", clip_on=False)
    for angle, (name, _), value in zip(angles, axes, values, strict=True):
        written = f"{value:.1f}".replace(".", ",")
        label = f"{_wrapped(name, LABEL_WIDTH)}\n{written}"
        side, height = _anchor(angle)
        plot.text(
            angle, most * 1.08, label, ha=side, va=height, fontfamily=FONT, fontsize=19, color=INK
        )
    figure.text(
        0.5,
        0.96,
        _wrapped(title, TITLE_WIDTH),
        ha="center",
        va="top",
        fontfamily=FONT,
        fontsize=21,
        fontweight="bold",
        color=INK,
    )
    return _png(figure)


def bars(title: str, groups: Sequence[tuple[str, Sequence[tuple[str, int]]]]) -> bytes:
    """Groups (heading, bars of name and value) below each other, the bars in the order given.

    Of a group the first `MOST_BARS` are drawn. Raises ValueError for no bar at all.
    """
    drawn = [(heading, list(each)[:MOST_BARS]) for heading, each in groups if each]
    if not drawn:
        raise ValueError("no bars")
    rows = sum(len(each) + HEADING_ROWS for _, each in drawn)
    height = (rows * BAR_PIXELS + TITLE_PIXELS) / DPI
    figure = Figure(figsize=(PIXELS / DPI, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    below = 1 - TITLE_PIXELS / (height * DPI)
    letters: dict[str, Any] = {"fontfamily": FONT, "color": INK}
    figure.text(
        0.04,
        0.5 + below / 2,
        _wrapped(title, TITLE_WIDTH),
        va="center",
        fontsize=19,
        fontweight="bold",
        **letters,
    )
    for heading, each in drawn:
        share = (len(each) + HEADING_ROWS) * BAR_PIXELS / (height * DPI)
        top = HEADING_ROWS * BAR_PIXELS / (height * DPI)
        figure.text(
            0.04, below - top / 2, heading, va="center", fontsize=16, fontweight="bold", **letters
        )
        plot = figure.add_axes((0.4, below - share, 0.5, share - top))
        _draw_bars(plot, each)
        below -= share
    return _png(figure)


def _draw_bars(plot: Axes, bars: Sequence[tuple[str, int]]) -> None:
    places = range(len(bars))
    plot.barh(places, [value for _, value in bars], color=FILL, edgecolor=LINE, height=0.62)
    plot.set_yticks(places, [_wrapped(name, NAME_WIDTH) for name, _ in bars])
    plot.tick_params(axis="y", length=0, labelsize=14, labelcolor=INK, labelfontfamily=FONT)
    plot.set_xlim(0, max(1, *(value for _, value in bars)) * 1.12)
    plot.set_ylim(len(bars) - 0.5, -0.5)
    plot.set_xticks([])
    for place, (_, value) in zip(places, bars, strict=True):
        plot.text(value, place, f" {value}", va="center", fontsize=14, color=INK, fontfamily=FONT)
    for spine in plot.spines.values():
        spine.set_visible(False)


def _png(figure: Figure) -> bytes:
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    return drawn.getvalue()


def _wrapped(text: str, width: int) -> str:
    """Composed letters only: the font draws a loose accent beside its letter."""
    return textwrap.fill(unicodedata.normalize("NFC", text), width, break_long_words=False)


def _anchor(angle: float) -> tuple[str, str]:
    """Which side of a label touches the circle: the one that faces its middle."""
    across, up = sin(angle), cos(angle)
    side = "center" if abs(across) < NEARLY else "left" if across > 0 else "right"
    height = "center" if abs(up) < NEARLY else "bottom" if up > 0 else "top"
    return side, height
