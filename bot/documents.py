"""Word documents to print: A4, letters that every office has, Vietnamese throughout.

python-docx has its home here.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FONT = "Times New Roman"  # of official letters (Nghị định 30/2020/NĐ-CP, phụ lục I)
SYMBOLS = "Segoe UI Symbol"  # Times New Roman has no boxes; a reader without this one finds another
TICKED, OPEN = "☑", "☐"
BODY, SMALL, TITLE, HEADING = Pt(13), Pt(11), Pt(16), Pt(13)
INDENT = Cm(0.9)
LANGUAGE = "vi-VN"


def checklist(content: Mapping[str, Any]) -> bytes:
    """A list to tick off on paper, from `handlers.attachments.ChecklistContent`.

    Boxes are numbered through all parts, as they are in the chat. Raises KeyError or TypeError for
    data that is none.
    """
    document = _blank_page(content["title"])
    _line(document, content["organisation"], SMALL)
    title = _line(document, content["title"], TITLE, bold=True)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _paragraphs(document, content["intro"])
    numbers = itertools.count(1)
    for part in content["parts"]:
        heading = _line(document, part["heading"], HEADING, bold=True)
        heading.paragraph_format.space_before = Pt(10)
        heading.paragraph_format.keep_with_next = True
        for box in part["boxes"]:
            _box(document, next(numbers), box)
    source = _line(document, content["source"], SMALL, italic=True)
    source.paragraph_format.space_before = Pt(12)
    _line(document, content["day"], SMALL, italic=True)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _blank_page(title: str) -> Document:
    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.author = ""
    document.core_properties.comments = ""
    document.core_properties.language = LANGUAGE
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.top_margin = page.bottom_margin = Cm(2)
    page.left_margin, page.right_margin = Cm(3), Cm(2)
    style = document.styles["Normal"]
    assert isinstance(style, ParagraphStyle)
    style.font.name, style.font.size = FONT, BODY
    style.paragraph_format.space_after = Pt(4)
    # Word chooses by script among four fonts; unnamed, some Vietnamese letters get another one.
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    return document


def _box(document: Document, number: int, box: Mapping[str, Any]) -> None:
    """The box with its label, and below it what it means; not torn apart by a page's end."""
    head = _line(document, "")
    head.paragraph_format.left_indent, head.paragraph_format.first_line_indent = INDENT, -INDENT
    head.paragraph_format.keep_with_next = True
    mark = head.add_run(TICKED if box["ticked"] else OPEN)
    _font(mark, SYMBOLS)
    head.add_run(f" {number}. {_composed(box['label'])}").bold = True
    below: Sequence[str] = [box["explanation"], *(f"– {note}" for note in box["notes"])]
    for text in below:
        line = _line(document, text, SMALL)
        line.paragraph_format.left_indent = INDENT
        line.paragraph_format.keep_together = True


def _paragraphs(document: Document, text: str) -> None:
    for each in text.split("\n"):
        if each.strip():
            _line(document, each.strip(), BODY)


def _line(
    document: Document, text: str, size: Pt = BODY, *, bold: bool = False, italic: bool = False
) -> Paragraph:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(_composed(text))
    run.font.size, run.bold, run.italic = size, bold, italic
    return paragraph


def _font(run: Run, name: str) -> None:
    run.font.name = name
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001 - no public way to name the font of symbols
    for script in ("w:cs", "w:eastAsia"):
        fonts.set(qn(script), name)


def _composed(text: str) -> str:
    """Whole letters: a font may set a loose accent beside its letter."""
    return unicodedata.normalize("NFC", text)
