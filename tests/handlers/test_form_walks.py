"""Any form, cut off between any two events of any walk, stands at its question and lost nothing.

The walk types good and bad answers, asks in between, goes back, edits, leaves and comes back. The
session is written and read back after every event (`Talk`), which is all that a crash leaves.
"""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers import ACTIONS
from handlers.conversation import BACK, BACK_TO, Outcome
from handlers.drafts import CONSENT, DIALOG, SUMMARY
from handlers.effects import EraseMe, SaveSubmission, WithdrawConsent
from handlers.form_pages import DISCARD, RESTART
from handlers.speech import COMMAND, FORM
from knowledge.entries import Knowledge
from tests.effort import examples
from tests.handlers.answering import number_of, open_draft
from tests.handlers.memory import Talk

GOOD = {
    "enterprise": "Công ty CP May và Chất lượng Việt",
    "tax_code": "0101243150",
    "contact": "Trần Văn Minh",
    "position": "Giám đốc",
    "phone": "0912 345 678",
    "email": "minh@congty.vn",
    "province": "Đà Nẵng",
    "commune": "Phường Hải Vân",
    "product": "Nước mắm cá cơm",
    "months_operating": "10 năm",
    "months_on_market": "5 năm",
    "earlier_award": "Giải Bạc",
    "earlier_award_year": "2024",
    "programmes": "1, 3",
    "note": "Gọi buổi sáng",
}
WORDS = [
    "quay lại",
    "huỷ",
    "0",
    "1",
    "2",
    "99",
    "đăng ký",
    "menu",
    "trợ giúp",
    "phiếu của tôi",
    "dữ liệu của tôi",
    "rút đồng ý",
    "xoá dữ liệu",
    "gặp cán bộ",
    "nhận tin",
    "lệ phí",
    "điều kiện dự?",
    "cảm ơn bạn",
    "ok",
    "không",
    "sửa điện thoại",
    "zxcv qwer",
    "huyện Hòa Vang",
    "0101243151",
    "",
    "👍",
    "/khongco",
]
events = st.one_of(
    *[st.just("good")] * 5,  # a walk must get somewhere
    st.sampled_from(WORDS).map(lambda words: f"type {words}"),
    st.integers(0, 20).map(lambda n: f"choose {n}"),
    st.sampled_from(["picture", "phone"]),
)
LOSING = (RESTART, DISCARD, "consent-end", "erase-all", "decline", "withdraw-sure:")


class Walker:
    """Does one event after the other, and knows what was given and never taken back."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.talk = Talk(knowledge)

    async def step(self, event: str) -> None:
        talk = self.talk
        before, where = self._values(), talk.session.step
        kind, _, rest = event.partition(" ")
        action = ""
        if kind == "good":
            if talk.session.dialog == DIALOG:
                await talk.type(self._good(where))
            else:
                await talk.press(f"{FORM}register")
        elif kind == "type":
            await talk.type(rest)
        elif kind == "choose" and talk.offered:
            action = talk.offered[int(rest) % len(talk.offered)].action
            await talk.press(action)
        elif kind == "picture":
            await talk.show_picture()
        elif kind == "phone":
            await talk.share_phone("+84987654321")
        self.check(before, where)

    def _good(self, where: str) -> str:
        pages = {CONSENT: "Đồng ý", SUMMARY: "1"}
        known = GOOD | pages
        return known[where] if where in known else number_of(open_draft(self.talk).field(where))

    def check(self, before: list[tuple[str, str]], where: str) -> None:
        talk, step = self.talk, self.talk.step
        if step is None:
            return
        assert step.outcome is not Outcome.FAILED
        assert step.replies
        self._resolves()
        over = any(
            isinstance(effect, SaveSubmission | WithdrawConsent | EraseMe)
            for effect in step.effects
        )
        if not over and not self._dropped:
            now = self._values()
            lost = [
                pair for pair in before if pair not in now and pair[1].partition(".")[2] != where
            ]
            assert not [pair for pair in lost if not self._replaceable(pair, now)], (lost, now)
        if talk.session.dialog == DIALOG:
            self._stands_at_its_question()

    @property
    def _dropped(self) -> bool:
        """Whether the last thing said was that something was dropped, as it was asked to be."""
        say = self.talk.knowledge.say
        told = (say("form.discarded"), say("form.declined"), say("form.withdrawn"), say("form.how"))
        return any(each in self.talk.said for each in told)

    def _values(self) -> list[tuple[str, str]]:
        """Every answer that is kept anywhere, as (value, "draft.field")."""
        session = self.talk.session
        opened = [session.data] if session.dialog == DIALOG else []
        return [
            (str(value), f"{draft['form']}#{draft.get('submission')}.{field}")
            for draft in (*opened, *session.shelf.values())
            for field, value in draft["values"].items()
        ]

    def _replaceable(self, pair: tuple[str, str], now: list[tuple[str, str]]) -> bool:
        """What is asked on a condition goes with it; a shared number replaces a typed one."""
        draft, _, field = pair[1].partition(".")
        phone = field == "phone" and any(name == pair[1] for _, name in now)
        form = self.talk.knowledge.forms[draft.partition("#")[0]]
        group = field.partition(".")[0]
        return phone or any(each.when and each.id in {field, group} for each in form.fields)

    def _resolves(self) -> None:
        for choice in self.talk.offered:
            action = choice.action.removeprefix(BACK_TO)
            verb, colon, _ = action.partition(":")
            known = action == BACK or f"{verb}{colon}" in ACTIONS
            command = action.removeprefix(COMMAND) if action.startswith(COMMAND) else ""
            assert known or command in self.talk.knowledge.commands, action

    def _stands_at_its_question(self) -> None:
        step, draft = self.talk.session.step, open_draft(self.talk)
        pages = {SUMMARY} if draft.form.concludes else {CONSENT, SUMMARY}
        assert step in {*pages, *(field.id for field in draft.asked())}
        if step not in pages:
            asked = draft.field(step).prompt in self.talk.said
            assert asked or self.talk.step is None or self.talk.step.outcome is Outcome.OFFERED


@settings(
    deadline=None,
    max_examples=examples(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(events, min_size=20, max_size=60))
def test_a_form_that_is_cut_off_stands_at_its_question_and_lost_nothing(
    shipped: Knowledge, walk: list[str]
) -> None:
    async def run() -> None:
        walker = Walker(shipped)
        await walker.step("good")
        await walker.step("good")
        for event in walk:
            await walker.step(event)

    asyncio.run(run())


async def test_a_form_can_be_filled_from_wherever_a_walk_has_left_it(shipped: Knowledge) -> None:
    walker = Walker(shipped)
    for event in ("good", "good", "good", "type menu", "type 1", "type huỷ", "picture"):
        await walker.step(event)
    await walker.talk.press("resume:register")
    for _ in GOOD:
        await walker.step("good")

    assert [dict(each.values) for each in walker.talk.memory.sent] == [
        {
            "enterprise": "Công ty CP May và Chất lượng Việt",
            "tax_code": "0101243150",
            "contact": "Trần Văn Minh",
            "position": "Giám đốc",
            "phone": "+84912345678",
            "email": "minh@congty.vn",
            "province": "Đà Nẵng",
            "commune": "Phường Hải Vân",
            "product": "Nước mắm cá cơm",
            "months_operating": 120,
            "months_on_market": 60,
            "earlier_award": "silver",
            "earlier_award_year": 2024,
            "programmes": ["award", "traceability"],
            "note": "Gọi buổi sáng",
        }
    ]
