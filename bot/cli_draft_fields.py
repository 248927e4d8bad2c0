"""What the options of a draft mean together; a wrong combination is told as Typer tells it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bot.operations.broadcasts import Changes


def worded(text: str, file: Path | None, *, needed: bool) -> str:
    from bot.failures import explained

    if bool(text) + (file is not None) != needed:
        raise typer.BadParameter("cần đúng một: --text hoặc --file; --withdraw thì không cần")
    with explained():
        return file.read_text(encoding="utf-8-sig") if file else text


def changing(correction_of: int | None, *, edit: bool, withdraw: bool) -> Changes:
    from bot.operations.broadcasts import Changes

    if (edit or withdraw) and (correction_of is None or edit == withdraw):
        raise typer.BadParameter("cần --correction-of và đúng một: --edit hoặc --withdraw")
    return Changes.EDIT if edit else Changes.WITHDRAW if withdraw else Changes.NOTHING
