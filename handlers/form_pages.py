"""What a person sees of a form: consent, one question, the summary. No page changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.conversation import BACK, Choice, Reply
from handlers.drafts import Draft
from handlers.fields import shown
from handlers.records import Submission
from handlers.speech import command
from knowledge.answers import DATE, organisation_name
from knowledge.clock import VIETNAM
from knowledge.entries import Field, Form, Knowledge

AGREE, DECLINE = "agree", "decline"
PICK, TOGGLE, FINISH, SKIP = "pick:", "toggle:", "finish:", "skip:"
EDIT, EDIT_WHICH, SEND = "edit:", "edit", "send"
CHANGE, ANOTHER, WITHDRAW = "change:", "another:", "withdraw:"
RESUME, RESTART, DISCARD = "resume:", "restart:", "discard:"


def consent(knowledge: Knowledge, form: Form) -> Reply:
    wording = consent_text(knowledge, form)
    choices = (
        Choice(knowledge.say("form.agree"), AGREE),
        Choice(knowledge.say("form.decline"), DECLINE),
    )
    return Reply(f"**{form.title}**\n\n{wording}", choices)


def consent_text(knowledge: Knowledge, form: Form) -> str:
    """Exactly what is agreed to; this text is what the ledger keeps."""
    return form.consent.text.replace("{office}", organisation_name(knowledge))


def question(
    knowledge: Knowledge, draft: Draft, field: Field, note: str = "", instead: Sequence[str] = ()
) -> Reply:
    """One question with its number, and only the choices that make sense for it.

    *instead* are values to pick from when what was typed almost fitted.
    """
    fields = draft.asked()
    number = next((n for n, each in enumerate(fields, start=1) if each.id == field.id), 1)
    prompt = knowledge.say("form.progress", number=number, total=len(fields), prompt=field.prompt)
    if field.kind == "choices" and draft.chosen:
        labels = ", ".join(o.label for o in field.options if o.id in draft.chosen)
        prompt = f"{prompt}\n{knowledge.say('form.chosen_now', labels=labels)}"
    text = f"{note}\n\n{prompt}" if note else prompt
    near = tuple(Choice(value, f"{PICK}{field.id}:{value}") for value in instead)
    return Reply(
        text,
        (*near, *_options(knowledge, draft, field), *_around(knowledge, draft, field)),
        numbered=bool(near) or field.kind in ("choice", "choices"),
        asks_phone=field.kind == "phone",
    )


def summary(knowledge: Knowledge, draft: Draft) -> Reply:
    head = knowledge.say("form.summary", form=draft.form.title)
    choices = (
        Choice(knowledge.say("form.send"), SEND),
        Choice(knowledge.say("form.edit"), EDIT_WHICH),
        Choice(knowledge.say("choice.back"), BACK),
    )
    return Reply("\n".join([head, *lines(knowledge, draft.form, draft.values)]), choices)


def lines(knowledge: Knowledge, form: Form, values: Mapping[str, Any]) -> list[str]:
    """Label and value of every field that applies, in the form's order."""
    return [
        knowledge.say(
            "form.line", label=field.label, value=shown(field, values.get(field.id), knowledge)
        )
        for field in Draft(form, values).asked()
    ]


def which_to_edit(knowledge: Knowledge, draft: Draft) -> Reply:
    choices = tuple(Choice(field.label, EDIT + field.id) for field in draft.asked())
    back = Choice(knowledge.say("choice.back"), BACK)
    return Reply(knowledge.say("form.edit_which"), (*choices, back))


def unfinished(knowledge: Knowledge, draft: Draft) -> Reply:
    """A waiting draft was met again: go on, start over, or drop it."""
    filled = sum(1 for field in draft.asked() if field.id in draft.values)
    text = knowledge.say("form.unfinished", form=draft.form.title, filled=filled)
    return Reply(text, ways_on(knowledge, draft.form))


def already_sent(knowledge: Knowledge, form: Form, sent: Submission) -> Reply:
    """This form was sent before: change it, take it back, or send one for another enterprise."""
    day = sent.sent_at.astimezone(VIETNAM).strftime(DATE)
    choices = (
        Choice(knowledge.say("form.change"), f"{CHANGE}{sent.id}"),
        Choice(knowledge.say("form.another"), ANOTHER + form.id),
        Choice(knowledge.say("form.withdraw"), f"{WITHDRAW}{sent.id}"),
    )
    return Reply(knowledge.say("form.already", form=form.title, day=day), choices)


def ways_on(knowledge: Knowledge, form: Form) -> tuple[Choice, ...]:
    return (
        Choice(knowledge.say("form.resume"), RESUME + form.id),
        Choice(knowledge.say("form.restart"), RESTART + form.id),
        Choice(knowledge.say("form.discard"), DISCARD + form.id),
    )


def declined(knowledge: Knowledge) -> Reply:
    return Reply(knowledge.say("form.declined"), (command(knowledge, "contact", "choice.human"),))


def _options(knowledge: Knowledge, draft: Draft, field: Field) -> tuple[Choice, ...]:
    if field.kind == "choice":
        return tuple(
            Choice(option.label, f"{PICK}{field.id}:{option.id}") for option in field.options
        )
    if field.kind != "choices":
        return ()
    picked = tuple(
        Choice(
            knowledge.say("form.chosen", label=option.label)
            if option.id in draft.chosen
            else option.label,
            f"{TOGGLE}{field.id}:{option.id}",
        )
        for option in field.options
    )
    return (*picked, Choice(knowledge.say("form.finish_choices"), FINISH + field.id))


def _around(knowledge: Knowledge, draft: Draft, field: Field) -> tuple[Choice, ...]:
    choices = []
    if not field.required:
        choices.append(Choice(knowledge.say("form.skip"), SKIP + field.id))
    if draft.editing or draft.before(field.id):
        choices.append(Choice(knowledge.say("choice.back"), BACK))
    return tuple(choices)
