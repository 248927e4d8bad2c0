"""What the answers of a form come to, where it is not handed in but concludes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from handlers.conversation import Reply


@dataclass(frozen=True, slots=True)
class Concluded:
    """What is said, the choices under the last reply, and one line of it for the officers.

    `result` is kept only if the person shares the answers. `remind_on` is the day of which the
    choices offer to remind.
    """

    replies: tuple[Reply, ...]
    result: str
    remind_on: date | None = None
