"""Every form and guide can be left, resumed, gone back in and cancelled, at every step."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.drafts import CONSENT, SUMMARY
from handlers.effects import SaveSubmission
from handlers.form_pages import RESUME, SAME
from handlers.speech import FORM
from knowledge.entries import Knowledge
from tests.effort import examples
from tests.handlers.answering import draft_of, number_of, open_draft
from tests.handlers.memory import Talk

FORMS = (
    "register",
    "self_check",
    "router",
    "self_assessment",
    "survey",
    "visit",
    "training",
    "nomination",
)
MOST_STEPS = 80
WAYS = ("go on", "leave", "cancel", "go back", "show a picture", "ask", "press what has passed")


class Walk(Talk):
    """A conversation that fills in one form."""

    def __init__(self, knowledge: Knowledge, form: str) -> None:
        super().__init__(knowledge)
        self.form = form

    async def answer(self, option: int) -> None:
        """Answer what is asked, by typing alone."""
        step = self.session.step
        if step in {CONSENT, SUMMARY}:
            await self.type("1")
            return
        field = open_draft(self).field(step)
        await self.type(number_of(field, option))
        if field.kind == "choices":
            await self.type(str(len(field.options) + 1))


async def leave_and_resume(talk: Walk) -> None:
    await talk.type("menu")
    await resume(talk)


async def cancel_and_resume(talk: Walk) -> None:
    await talk.type("huỷ")
    await resume(talk)


async def resume(talk: Walk) -> None:
    """Where nothing was answered yet there is nothing to resume: the form opens anew."""
    assert draft_of(talk) is None
    key = next(iter(talk.session.shelf), "")
    await talk.press(RESUME + key if key else f"{FORM}{talk.form}")


async def go_back_and_on(talk: Walk) -> None:
    step, before = talk.session.step, open_draft(talk).before(talk.session.step)
    await talk.type("quay lại")
    if before is None:
        assert talk.session.step == step
        return
    assert talk.session.step == before.id
    await talk.press(SAME + before.id)


async def detour(talk: Walk, way: str) -> None:
    if way == "leave":
        await leave_and_resume(talk)
    elif way == "cancel":
        await cancel_and_resume(talk)
    elif way == "go back" and talk.session.step != CONSENT:
        await go_back_and_on(talk)
    elif way == "show a picture":
        await talk.show_picture()
    elif way == "ask":
        await talk.type("/help")
        if draft_of(talk) is None:
            await resume(talk)
    elif way == "press what has passed":
        await talk.press("pick:nothing:here")


@settings(
    deadline=None,
    max_examples=examples(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    form=st.sampled_from(FORMS),
    options=st.lists(st.integers(0, 6), min_size=MOST_STEPS, max_size=MOST_STEPS),
    ways=st.lists(st.sampled_from(WAYS), min_size=MOST_STEPS, max_size=MOST_STEPS),
)
def test_whatever_is_done_in_between_a_dialog_goes_on_where_it_was(
    shipped: Knowledge, form: str, options: list[int], ways: list[str]
) -> None:
    async def run() -> None:
        talk = Walk(shipped, form)
        await talk.press(FORM + form)
        for option, way in zip(options, ways, strict=True):
            if draft_of(talk) is None:
                break
            step, values = talk.session.step, dict(open_draft(talk).values)
            await detour(talk, way)
            assert talk.session.step in {step, CONSENT}
            assert dict(open_draft(talk).values) == values
            if talk.session.step == CONSENT != step:
                await talk.type("1")
            await talk.answer(option)
        assert draft_of(talk) is None or form == "nomination"  # it may name one after the other
        sent = [each for each in talk.memory.effects if isinstance(each, SaveSubmission)]
        if shipped.forms[form].concludes:
            assert not sent
            assert form in talk.session.shelf
        elif draft_of(talk) is None:
            assert [each.form for each in sent] == [form]

    asyncio.run(run())


def test_every_form_that_asks_is_walked(shipped: Knowledge) -> None:
    assert set(FORMS) == shipped.forms.keys() - shipped.checklists.keys()


async def test_a_conclusion_leads_back_to_its_answers_and_can_be_drawn_again(
    shipped: Knowledge,
) -> None:
    for form in ("self_check", "router", "self_assessment"):
        talk = Walk(shipped, form)
        await talk.press(FORM + form)
        while draft_of(talk):
            await talk.answer(0)
        concluded = talk.said

        await talk.type("0")
        assert talk.session.step == SUMMARY
        await talk.type("1")

        assert talk.said == concluded
        await talk.type("huỷ")
        assert shipped.say("menu.nothing_running") in talk.said
        await talk.press(FORM + form)
        assert shipped.say("form.concluded", form=shipped.forms[form].title) in talk.said
        await talk.type("1")
        assert talk.said == concluded
