"""What a person sees of a form: consent, one question, the summary. No page changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.conversation import BACK, BACK_TO, Choice, Reply
from handlers.drafts import CONSENT, SUMMARY, Draft
from handlers.fields import shown, takes_digit
from handlers.records import Submission
from handlers.speech import command
from knowledge import asking
from knowledge.answers import DATE, organisation_name
from knowledge.clock import VIETNAM
from knowledge.entries import Field, Form, Knowledge

AGREE, DECLINE = "agree", "decline"
PICK, TOGGLE, FINISH, SKIP = "pick:", "toggle:", "finish:", "skip:"
SAME, WRITE = "same:", "write:"
EDIT, EDIT_WHICH, SEND = "edit:", "edit", "send"
CHANGE, ANOTHER, WITHDRAW = "change:", "another:", "withdraw:"
RESUME, RESTART, DISCARD = "resume:", "restart:", "discard:"
SEE, SHARE, JOIN = "see:", "share:", "join:"
PROGRAMMES = "programmes"  # the question of the registration form that names programmes
HEARD = 40  # characters of a typed text that a button repeats


def consent(knowledge: Knowledge, form: Form) -> Reply:
    wording = consent_text(knowledge, form)
    return Reply(f"**{form.title}**\n\n{wording}", _consent_choices(knowledge))


def consent_text(knowledge: Knowledge, form: Form) -> str:
    """Exactly what is agreed to; this text is what the ledger keeps."""
    return form.consent.text.replace("{office}", organisation_name(knowledge))


def page(knowledge: Knowledge, draft: Draft, step: str, note: str = "") -> Reply:
    """What is open, asked again: short where consent or the summary were already shown."""
    if step == CONSENT:
        text, choices = knowledge.say("form.consent_needed"), _consent_choices(knowledge)
    elif step == SUMMARY:
        needed = "form.review_needed" if draft.form.concludes else "form.summary_needed"
        text, choices = knowledge.say(needed), _summary_choices(knowledge, draft.form)
    else:
        return question(knowledge, draft, draft.field(step), note)
    return Reply(f"{note}\n\n{text}" if note else text, choices)


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
    elif field.id in draft.values:
        value = shown(field, draft.values[field.id], knowledge)
        prompt = f"{prompt}\n{knowledge.say('form.value_now', value=value)}"
    text = f"{note}\n\n{prompt}" if note else prompt
    near = tuple(Choice(value, f"{PICK}{field.id}:{value}") for value in instead)
    return Reply(
        text,
        (*near, *_options(knowledge, draft, field), *_around(knowledge, draft, field)),
        numbered=bool(near) or not takes_digit(field),
        asks_phone=field.kind == "phone",
    )


def summary(knowledge: Knowledge, draft: Draft) -> Reply:
    phrase = "form.review" if draft.form.concludes else "form.summary"
    head = knowledge.say(phrase, form=draft.form.title)
    text = "\n".join([head, *lines(knowledge, draft.form, draft.values)])
    return Reply(text, _summary_choices(knowledge, draft.form))


def lines(knowledge: Knowledge, form: Form, values: Mapping[str, Any]) -> list[str]:
    """Label and value of every field that applies, in the form's order, and what it came to."""
    flat = asking.unfolded(form, values)
    fields = [field for field in asking.asked(form, flat) if not asking.asks_for_another(field)]
    fields += [each for each in form.fields if each.kind == asking.RESULT and each.id in flat]
    return [
        knowledge.say(
            "form.line", label=field.label, value=shown(field, flat.get(field.id), knowledge)
        )
        for field in fields
    ]


def which_to_edit(knowledge: Knowledge, draft: Draft) -> Reply:
    choices = tuple(Choice(field.label, EDIT + field.id) for field in draft.asked())
    back = Choice(knowledge.say("choice.back"), f"{BACK_TO}{RESUME}{draft.key}")
    return Reply(knowledge.say("form.edit_which"), (*choices, back))


def unfinished(knowledge: Knowledge, draft: Draft) -> Reply:
    """A draft was met again: go on (or see what it came to), start over, or drop it."""
    if draft.concluded():
        see = Choice(knowledge.say("form.see_result"), SEE + draft.key)
        _, *others = ways_on(knowledge, draft)
        return Reply(knowledge.say("form.concluded", form=draft.form.title), (see, *others))
    text = knowledge.say("form.unfinished", form=draft.form.title, filled=draft.filled())
    return Reply(text, ways_on(knowledge, draft))


def already_sent(knowledge: Knowledge, form: Form, sent: Submission) -> Reply:
    """This form was sent before: change it, take it back, or send one for another enterprise."""
    day = sent.sent_at.astimezone(VIETNAM).strftime(DATE)
    choices = (
        Choice(knowledge.say("form.change"), f"{CHANGE}{sent.id}"),
        Choice(knowledge.say("form.another"), ANOTHER + form.id),
        Choice(knowledge.say("form.withdraw"), f"{WITHDRAW}{sent.id}"),
    )
    return Reply(knowledge.say("form.already", form=form.title, day=day), choices)


def ways_on(knowledge: Knowledge, draft: Draft) -> tuple[Choice, ...]:
    """What can be done with a draft that waits. The change of a sent form has no other start."""
    anew = (Choice(knowledge.say("form.restart"), RESTART + draft.key),)
    return (
        resume(knowledge, draft),
        *(() if draft.submission else anew),
        Choice(knowledge.say("form.discard"), DISCARD + draft.key),
    )


def resume(knowledge: Knowledge, draft: Draft) -> Choice:
    return Choice(knowledge.say("form.resume"), RESUME + draft.key)


def ways_back(knowledge: Knowledge, draft: Draft, field: Field | None) -> tuple[Choice, ...]:
    """From a question in between to the form: with what was typed as its answer, or going on."""
    heard = (_write_down(knowledge, draft, field),) if field and draft.heard else ()
    return (*heard, resume(knowledge, draft))


def declined(knowledge: Knowledge) -> Reply:
    return Reply(knowledge.say("form.declined"), (command(knowledge, "contact", "choice.human"),))


def _options(knowledge: Knowledge, draft: Draft, field: Field) -> tuple[Choice, ...]:
    if field.kind == "choice":
        return tuple(
            Choice(option.label, f"{PICK}{field.id}:{option.id}") for option in field.options
        )
    if field.kind == "scale":
        return tuple(
            Choice(
                knowledge.say("form.degree", degree=option.id, label=option.label),
                f"{PICK}{field.id}:{option.id}",
            )
            for option in field.options
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
    """The ways past a question: what was typed, what stands there, nothing, the one before."""
    choices = []
    if draft.heard:
        choices.append(_write_down(knowledge, draft, field))
    answered = field.id in draft.values
    if answered and field.kind != "choices":
        choices.append(Choice(knowledge.say("form.same"), SAME + field.id))
    if not field.required and draft.values.get(field.id) != "":
        leave_out = "form.leave_out" if answered else "form.skip"
        choices.append(Choice(knowledge.say(leave_out), SKIP + field.id))
    if draft.editing or draft.before(field.id):
        choices.append(Choice(knowledge.say("choice.back"), BACK))
    return tuple(choices)


def _write_down(knowledge: Knowledge, draft: Draft, field: Field) -> Choice:
    """What was taken for a question, as the answer after all."""
    heard = draft.heard if len(draft.heard) <= HEARD else f"{draft.heard[:HEARD].rstrip()}…"
    return Choice(knowledge.say("form.write_down", text=heard), WRITE + field.id)


def _consent_choices(knowledge: Knowledge) -> tuple[Choice, ...]:
    return (
        Choice(knowledge.say("form.agree"), AGREE),
        Choice(knowledge.say("form.decline"), DECLINE),
    )


def _summary_choices(knowledge: Knowledge, form: Form) -> tuple[Choice, ...]:
    send = "form.see_result" if form.concludes else "form.send"
    return (
        Choice(knowledge.say(send), SEND),
        Choice(knowledge.say("form.edit"), EDIT_WHICH),
        Choice(knowledge.say("choice.back"), BACK),
    )
