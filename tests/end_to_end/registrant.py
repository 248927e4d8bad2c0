"""Somebody who fills in the registration: reads the question, knows the answer.

The form's own prompts say what is asked, so the form may be reworded and reordered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stdnum.vn import mst

from knowledge.entries import Form, Knowledge

GOOD_TAX_CODE = "0101248141"
MOST = 60  # messages; a form takes about twenty
MISTAKES = {"tax_code": "0101248142", "phone": "091234"}


def answers(number: int = 0) -> dict[str, str]:
    """What person *number* types, by field; every person's name and tax code are their own."""
    return {
        "enterprise": f"Công ty TNHH Chè Tân Cương {number}",
        "tax_code": tax_code(number) if number else GOOD_TAX_CODE,
        "contact": "Nguyễn Thị Lan",
        "position": "Giám đốc",
        "phone": f"0912 345 {number:03d}",
        "email": f"lan{number}@chetancuong.vn",
        "province": "Thái Nguyên",
        "commune": "Tân Cương",
        "product": "Chè búp khô",
        "months_operating": "40 tháng",
        "months_on_market": "24 tháng",
        "earlier_award": "Chưa đạt",
        "programmes": "Giải thưởng Chất lượng Quốc gia",
        "note": "xin gọi buổi sáng",
    }


def tax_code(number: int) -> str:
    """A code of ten digits with a right check digit; different for different numbers."""
    for tail in range(10):  # one stem in eleven has no check digit
        stem = f"01{number:05d}{tail}0"
        check = mst.calc_check_digit(stem)
        if len(check) == 1:
            return stem + check
    raise ValueError(number)


@dataclass
class Registrant:
    """Answers one registration; makes each of `mistakes` once, before the right answer."""

    knowledge: Knowledge
    form: Form
    answers: Mapping[str, str]
    mistakes: dict[str, str] = field(default_factory=dict)
    typed: int = 0
    given: list[str] = field(default_factory=list)  # the fields answered well, in order

    @property
    def opening(self) -> str:
        return self.form.label

    def finished(self, said: str) -> bool:
        return self.form.done.splitlines()[0] in said

    def expects(self, said: str) -> bool:
        """Whether *said* is for us to act on: not a hint beside a question, not an answer."""
        signs = (self._consent, self._summary, self.form.done.splitlines()[0])
        return any(sign in said for sign in (*signs, *(each.prompt for each in self.form.fields)))

    def next_words(self, said: str) -> str:
        """What to type after *said*. Raises LookupError where it asks nothing we know, or for ever.

        A list to choose from is `given` once it is finished, not when something is ticked.
        """
        self.typed += 1
        if self.typed > MOST:
            raise LookupError(f"the form goes round in circles: {said!r}")
        if self._consent in said:
            return self.knowledge.say("form.agree")
        for asked in self.form.fields:
            if asked.prompt not in said:
                continue
            if asked.id in self.mistakes:
                return self.mistakes.pop(asked.id)
            if asked.kind == "choices" and self.answers[asked.id] not in said:
                return self.answers[asked.id]
            self.given.append(asked.id)
            if asked.kind == "choices":
                return self.knowledge.say("form.finish_choices")
            return self.answers[asked.id]
        if self._summary in said:
            return self.knowledge.say("form.send")
        raise LookupError(f"nothing is asked here: {said!r}")

    @property
    def _consent(self) -> str:
        return self.form.consent.text.splitlines()[0]

    @property
    def _summary(self) -> str:
        """Its first line, without the markup that a channel has turned into something else."""
        shown = self.knowledge.say("form.summary", form=self.form.title)
        return shown.splitlines()[-1].replace("**", "")
