"""One engine for every form: consent first, then one question at a time, a summary, and sending.

A form is data (`knowledge/data/forms`). Its whole state is the session, so that a turn kept is an
answer kept: a form that was left, killed or forgotten for days stands at the same question.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers import faq, form_pages
from handlers.conversation import Outcome, Reply, Session, Step, Turn
from handlers.drafts import (
    CONSENT,
    SUMMARY,
    Draft,
    at,
    current,
    forget,
    running,
    shelve,
    shelved,
    submission,
)
from handlers.effects import Effect, GiveConsent
from handlers.fields import Bad, Read, read
from handlers.form_pages import FINISH, PICK, SKIP, TOGGLE
from handlers.speech import FORM, command
from knowledge.answers import DATE
from knowledge.entries import Field, Form

SOCIAL_OR_ANSWER = (
    Outcome.ANSWERED,
    Outcome.REFUSED,
    Outcome.SMALLTALK,
    Outcome.LAPSED,
    Outcome.OFFERED,
)


async def start(turn: Turn) -> Step:
    """Open a form: go on with a draft, show what was sent already, or ask for consent."""
    form = turn.knowledge.forms.get(turn.incoming.action.removeprefix(FORM))
    if form is None:
        return _step(turn.session, Reply(turn.knowledge.say("menu.old_choice")))
    if running(turn):
        turn = replace(turn, session=shelve(turn))
    if draft := shelved(turn, form.id):
        return _step(turn.session, form_pages.unfinished(turn.knowledge, draft))
    for sent in await turn.lookup.submissions():
        if sent.form == form.id:
            return _step(turn.session, form_pages.already_sent(turn.knowledge, form, sent))
    return await begin(turn, form)


async def begin(turn: Turn, form: Form) -> Step:
    """The first page: consent, unless exactly this wording was agreed to and not withdrawn."""
    draft = Draft(form, {})
    for given in await turn.lookup.consents():
        same = (given.purpose, given.version) == (form.consent.purpose, form.consent.version)
        if same and given.withdrawn_at is None:
            return _ask_next(turn, draft)
    session = at(turn, draft, CONSENT)
    return _step(session, form_pages.consent(turn.knowledge, form))


async def another(turn: Turn) -> Step:
    """A second submission of the same form, for another enterprise: `another:<form>`."""
    form = turn.knowledge.forms.get(_argument(turn))
    return await begin(turn, form) if form else await start(turn)


async def resume(turn: Turn) -> Step:
    """Take a draft from the shelf and ask its question again. Running already: just ask again."""
    draft = shelved(turn, _argument(turn))
    if draft is None:
        return again(turn) if running(turn) else await _start_named(turn)
    step = turn.session.shelf[draft.form.id]["step"]
    shelf = {k: v for k, v in turn.session.shelf.items() if k != draft.form.id}
    turn = replace(turn, session=replace(shelve(turn), shelf=shelf))
    return _show(turn, draft, step)


async def restart(turn: Turn) -> Step:
    form = turn.knowledge.forms.get(_argument(turn))
    if form is None:
        return await _start_named(turn)
    return await begin(replace(turn, session=forget(turn.session, form.id)), form)


async def discard(turn: Turn) -> Step:
    session = forget(turn.session, _argument(turn))
    return _step(session, Reply(turn.knowledge.say("form.discarded")))


async def agree(turn: Turn) -> Step:
    draft = running(turn)
    if draft is None or turn.session.step != CONSENT:
        return again(turn)
    consent = draft.form.consent
    wording = form_pages.consent_text(turn.knowledge, draft.form)
    given = GiveConsent(consent.purpose, consent.version, wording)
    return _ask_next(turn, draft, effects=(given,))


async def decline(turn: Turn) -> Step:
    if running(turn) is None or turn.session.step != CONSENT:
        return again(turn)
    return _step(turn.session.idle(), form_pages.declined(turn.knowledge))


async def typed(turn: Turn) -> Step:
    """Words (or a shared number) while a form is open: the answer, or a question in between."""
    draft = running(turn)
    field = current(turn, draft)
    text = turn.incoming.phone or turn.incoming.text
    if draft is None or field is None:
        return await _in_between(turn) or again(turn)
    found = read(field, text, turn.knowledge, turn.now)
    if not turn.incoming.phone and (isinstance(found, Bad) or faq.sounds_like_question(turn, text)):
        between = await _in_between(turn)
        if between:
            return between
    if isinstance(found, Bad):
        return _explain(turn, draft, field, found)
    verified = bool(turn.incoming.phone) if field.kind == "phone" else draft.verified
    return _keep(turn, replace(draft, verified=verified), field, found)


async def pick(turn: Turn) -> Step:
    """A pressed option of a choice field: `pick:<field>:<option>`."""
    draft, field, option = _pressed(turn, PICK)
    if draft is None or field is None:
        return again(turn)
    found = read(field, option, turn.knowledge, turn.now)
    return _keep(turn, draft, field, found) if isinstance(found, Read) else again(turn)


async def toggle(turn: Turn) -> Step:
    """An option of a field with several: on if it was off, and the question again."""
    draft, field, option = _pressed(turn, TOGGLE)
    if draft is None or field is None or option not in {o.id for o in field.options}:
        return again(turn)
    on = set(draft.chosen) ^ {option}
    draft = replace(draft, chosen=tuple(o.id for o in field.options if o.id in on))
    return _show(turn, draft, field.id)


async def finish(turn: Turn) -> Step:
    draft, field, _ = _pressed(turn, FINISH)
    if draft is None or field is None:
        return again(turn)
    if not draft.chosen and field.required:
        return _explain(turn, draft, field, Bad("bad.choices_none"))
    return _keep(turn, draft, field, Read(list(draft.chosen)))


async def skip(turn: Turn) -> Step:
    draft, field, _ = _pressed(turn, SKIP)
    if draft is None or field is None or field.required:
        return again(turn)
    return _keep(turn, draft, field, Read(""))


async def back(turn: Turn) -> Step:
    """One question back; from an edited field to the summary; nothing is forgotten."""
    draft = running(turn)
    if draft is None:
        raise ValueError("back() needs a running form")
    step = turn.session.step
    if draft.editing and step != SUMMARY:
        return _show(turn, replace(draft, editing=False), SUMMARY)
    before = draft.before(step) if step != CONSENT else None
    if before is None:
        note = turn.knowledge.say("form.first_question")
        return _show(turn, draft, step, note)
    return _show(turn, draft, before.id)


async def cancel(turn: Turn) -> Step:
    """Stop, and keep what was filled in: a slip of the thumb must not lose a registration."""
    draft = running(turn)
    if draft is None:
        raise ValueError("cancel() needs a running form")
    if not draft.values:
        return _step(turn.session.idle(), Reply(turn.knowledge.say("form.discarded")))
    until = turn.now.date() + timedelta(days=draft.form.resume_days)
    text = turn.knowledge.say("form.left", form=draft.form.title, until=until.strftime(DATE))
    choices = form_pages.ways_on(turn.knowledge, draft.form)
    return _step(shelve(turn), Reply(text, choices))


async def edit_which(turn: Turn) -> Step:
    draft = running(turn)
    if draft is None or turn.session.step != SUMMARY:
        return again(turn)
    return _step(turn.session, form_pages.which_to_edit(turn.knowledge, draft))


async def edit(turn: Turn) -> Step:
    draft = running(turn)
    field = _argument(turn)
    if draft is None or turn.session.step != SUMMARY or field not in map(_id, draft.asked()):
        return again(turn)
    return _show(turn, replace(draft, editing=True), field)


async def send(turn: Turn) -> Step:
    """Hand the form in. Pressed twice, the second press finds no form and changes nothing."""
    draft = running(turn)
    if draft is None or turn.session.step != SUMMARY or draft.next_unanswered():
        return again(turn)
    knowledge, form = turn.knowledge, draft.form
    text = knowledge.say("form.changed") if draft.submission else form.done
    choices = (
        command(knowledge, "resume", "choice.resume_news"),
        command(knowledge, "menu", "choice.menu"),
    )
    effects = (submission(draft),)
    return _step(forget(turn.session, form.id), Reply(text, choices), effects)


def again(turn: Turn) -> Step:
    """Ask the open question again; where no form is open, say that the button is an old one."""
    draft = running(turn)
    if draft is None:
        text = turn.knowledge.say("menu.old_choice")
        return _step(turn.session, Reply(text))
    return _show(turn, draft, turn.session.step, turn.knowledge.say("menu.old_choice"))


def reminder(turn: Turn) -> Reply | None:
    """The open question, to be said after something else was answered."""
    draft = running(turn)
    if draft is None:
        return None
    field = current(turn, draft)
    if field is None:
        return None
    page = form_pages.question(turn.knowledge, draft, field)
    text = turn.knowledge.say("form.waiting", form=draft.form.title, prompt=page.text)
    return replace(page, text=text)


def aside(turn: Turn, step: Step) -> Step:
    """The form steps aside for a menu that was asked for, and stays one press away."""
    draft = running(replace(turn, session=step.session))
    session = shelve(replace(turn, session=step.session))
    if draft is None or draft.form.id not in session.shelf:
        return replace(step, session=session)
    resume_it = form_pages.ways_on(turn.knowledge, draft.form)[:1]
    last = step.replies[-1]
    replies = (*step.replies[:-1], replace(last, choices=(*last.choices, *resume_it)))
    return replace(step, replies=replies, session=session)


def open_sent(turn: Turn, draft: Draft) -> Step:
    """Open a form that was sent, at its summary, to change it."""
    session = shelve(turn)
    return _show(replace(turn, session=session), draft, SUMMARY)


async def _start_named(turn: Turn) -> Step:
    incoming = replace(turn.incoming, action=FORM + _argument(turn))
    return await start(replace(turn, incoming=incoming))


async def _in_between(turn: Turn) -> Step | None:
    """An answer to a question asked while the form waits; None where nothing was found."""
    step = await faq.ask(turn)
    if step.outcome not in SOCIAL_OR_ANSWER:
        return None
    return step


def _keep(turn: Turn, draft: Draft, field: Field, found: Read) -> Step:
    draft = replace(draft, values={**draft.values, field.id: found.value}, chosen=())
    applies = {each.id for each in draft.asked()}
    draft = replace(draft, values={k: v for k, v in draft.values.items() if k in applies})
    return _ask_next(turn, draft, note=found.note)


def _ask_next(
    turn: Turn, draft: Draft, *, note: str = "", effects: tuple[Effect, ...] = ()
) -> Step:
    following = draft.next_unanswered()
    if following is None:
        return _show(turn, replace(draft, editing=False), SUMMARY, note, effects)
    return _show(turn, draft, following.id, note, effects)


def _show(
    turn: Turn, draft: Draft, step: str, note: str = "", effects: tuple[Effect, ...] = ()
) -> Step:
    knowledge = turn.knowledge
    if step == CONSENT:
        page = form_pages.consent(knowledge, draft.form)
    elif step == SUMMARY:
        page = form_pages.summary(knowledge, draft)
    else:
        field = draft.form.field(step)
        if field.kind == "choices" and not draft.chosen:
            draft = replace(draft, chosen=tuple(draft.values.get(field.id) or ()))
        return _step(
            at(turn, draft, step),
            form_pages.question(knowledge, draft, field, note),
            effects,
        )
    if note:
        page = replace(page, text=f"{note}\n\n{page.text}")
    return _step(at(turn, draft, step), page, effects)


def _explain(turn: Turn, draft: Draft, field: Field, bad: Bad) -> Step:
    note = turn.knowledge.say(bad.phrase, **bad.values)
    page = form_pages.question(turn.knowledge, draft, field, note, bad.instead)
    return _step(at(turn, draft, field.id), page)


def _pressed(turn: Turn, verb: str) -> tuple[Draft | None, Field | None, str]:
    """The running form, its current field if the button is about that one, and the option."""
    name, _, option = turn.incoming.action.removeprefix(verb).partition(":")
    draft = running(turn)
    field = current(turn, draft)
    return draft, field if field and field.id == name else None, option


def _argument(turn: Turn) -> str:
    return turn.incoming.action.partition(":")[2]


def _id(field: Field) -> str:
    return field.id


def _step(session: Session, reply: Reply, effects: tuple[Effect, ...] = ()) -> Step:
    return Step((reply,), session, Outcome.FORM, effects)
