"""`make manual`: draws the pictures of the officers' manual anew."""

from __future__ import annotations

import asyncio

from bot import logs
from tests.manual.pictures import PICTURES, draw
from tests.shipped import shipped

if __name__ == "__main__":
    logs.set_up("ERROR", ())
    drawn = asyncio.run(draw(shipped()))
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.svg"):
        if old.name not in drawn:
            old.unlink()
    for name, picture in drawn.items():
        (PICTURES / name).write_text(picture, encoding="utf-8", newline="\n")
    print(f"{len(drawn)} pictures in {PICTURES}")
