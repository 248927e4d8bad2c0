"""A workbook of tables and of charts that Excel draws itself from numbers beside them.

Every cell of a table is one line of text. What people typed must not be calculated when the file is
opened (OWASP ASVS 5.0, 1.2.10): a cell is written as a string whatever it holds.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

MAX_CELL: Final = 32_767  # characters, Excel's own limit; more and the cell is dropped
NARROWEST, WIDEST = 8, 50  # characters
CHARTS: Final = "Biểu đồ"
_CHART_ROWS: Final = 16  # at least, from one chart to the next
# Control characters, half characters, what XML cannot hold, and marks that turn text around.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028-\u202e\u2066-\u2069]+"
)


@dataclass(frozen=True, slots=True)
class Table:
    """Labels by column, and rows that have a text for each column."""

    labels: Mapping[str, str]
    rows: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """Counts by name, drawn in this order. `lying` bars leave room for long names."""

    title: str
    counts: Mapping[str, int]
    lying: bool


@dataclass(frozen=True, slots=True)
class Book:
    """Tables by the name of their sheet (at most 31 characters), and charts on one of their own."""

    sheets: Mapping[str, Table]
    charts: Sequence[Chart] = ()


def cell(text: str) -> str:
    """What a cell can hold of *text*: one line, and nothing that a file or an eye stumbles over."""
    return _UNSAFE.sub(" ", text).strip()[:MAX_CELL]


def write(book: Book) -> bytes:
    """The .xlsx file, with a filter over each table."""
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as made:
        text = made.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        head = made.add_format({"bold": True, "valign": "top", "text_wrap": True, "bottom": 1})
        for name, table in book.sheets.items():
            _table(made.add_worksheet(name), table, text, head)
        if book.charts:
            _charts(made, made.add_worksheet(CHARTS), book.charts, head)
    return content.getvalue()


def _table(sheet: Worksheet, table: Table, text: Format, head: Format) -> None:
    for number, (column, label) in enumerate(table.labels.items()):
        cells = [row[column] for row in table.rows]
        widest = max(map(len, (label, *cells)))
        sheet.set_column(number, number, min(max(widest + 2, NARROWEST), WIDEST), text)
        _fill(sheet, number, [label], head, start=0)
        _fill(sheet, number, cells, text, start=1)
    last_row, last_column = len(table.rows), len(table.labels) - 1
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last_row, last_column)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 1}"})


def _fill(
    sheet: Worksheet, column: int, cells: Sequence[str], style: Format, *, start: int
) -> None:
    """Write strings, never `write`: it makes formulas and links of what looks like them."""
    for row, each in enumerate(cells, start=start):
        sheet.write_string(row, column, cell(each), style)


def _charts(made: Workbook, sheet: Worksheet, charts: Sequence[Chart], head: Format) -> None:
    """Write each chart's numbers, and the chart that is drawn from them beside them."""
    sheet.set_column(0, 0, WIDEST)
    first = 0
    for each in charts:
        last = first + len(each.counts)
        sheet.write_string(first, 0, cell(each.title), head)
        for row, (name, count) in enumerate(each.counts.items(), start=first + 1):
            sheet.write_string(row, 0, cell(name))
            sheet.write_number(row, 1, count)
        if each.counts:
            sheet.insert_chart(first, 3, _chart(made, each, first + 1, last))
        first += max(len(each.counts) + 2, _CHART_ROWS)


def _chart(made: Workbook, each: Chart, first: int, last: int) -> object:
    drawn = made.add_chart({"type": "bar" if each.lying else "column"})
    drawn.add_series(
        {
            "name": each.title,
            "categories": [CHARTS, first, 0, last, 0],
            "values": [CHARTS, first, 1, last, 1],
            "data_labels": {"value": True},
        }
    )
    drawn.set_title({"name": each.title})
    drawn.set_legend({"none": True})
    if each.lying:
        drawn.set_y_axis({"reverse": True})
    return drawn
