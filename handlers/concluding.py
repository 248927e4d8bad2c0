"""What the answers of a form come to, where it is not handed in but concludes."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.conversation import Reply


@dataclass(frozen=True, slots=True)
class Concluded:
    """What is said, the choices under the last reply, and one line of it for the officers.

    `result` is kept only if the person shares the answers.
    """

    replies: tuple[Reply, ...]
    result: str
