"""Filling an open form: what was typed or pressed becomes the answer to the question that stands.

Whatever else is said here — a question, a picture, nonsense — the form stays at its question and
keeps every answer it has.
"""

from __future__ import annotations

from dataclasses import replace

from handlers import conclusions, faq, form_pages, seats
from handlers.conversation import Outcome, Reply, Session, Step, Turn
from handlers.drafts import CONSENT, SUMMARY, Draft, at, current, running
from handlers.effects import Effect
from handlers.fields import Bad, Read, read, takes_digit
from handlers.form_pages import (
    AGREE,
    DECLINE,
    EDIT,
    EDIT_WHICH,
    FINISH,
    PICK,
    SAME,
    SEND,
    SKIP,
    TOGGLE,
    WRITE,
)
from handlers.speech import command
from knowledge.entries import Field
from knowledge.text import fold

FREE = ("text", "person", "commune")  # kinds that read almost any words as their value


def read_words(turn: Turn) -> Turn:
    """Words that stand for a choice of the open step become it: "ok", "không có", "sửa email"."""
    draft, typed = running(turn), fold(turn.incoming.text)
    if draft is None or turn.incoming.action or not typed:
        return turn
    step = turn.session.step
    page = form_pages.page(turn.knowledge, draft, _step_of(draft, step))
    meant = {fold(choice.label): choice.action for choice in page.choices}
    if step == CONSENT:
        meant |= _spoken(turn, "form.words_agree", AGREE)
        meant |= _spoken(turn, "form.words_decline", DECLINE)
    elif step == SUMMARY:
        edit = fold(turn.knowledge.say("form.edit_word"))
        for field in draft.asked():
            label = fold(field.label)
            meant |= {label: EDIT + field.id, f"{edit} {label}": EDIT + field.id}
        meant |= _spoken(turn, "form.words_send", SEND) | {edit: EDIT_WHICH}
    elif (asked := current(turn, draft)) and not asked.required:
        meant |= _spoken(turn, "form.words_none", SKIP + asked.id)
    if typed not in meant:
        return turn
    return replace(turn, incoming=replace(turn.incoming, action=meant[typed]))


async def typed(turn: Turn) -> Step:
    """Words (or a shared number) while a form is open: the answer, or a question in between."""
    draft, phone = _open(turn), turn.incoming.phone
    field, text = current(turn, draft), phone or turn.incoming.text
    if phone and (field is None or field.kind != "phone"):
        return _phone_early(turn, draft)
    if not any(c.isalnum() for c in text):
        return again(turn, turn.knowledge.say("faq.empty"))
    if text.strip() == "0" and not (field and field.kind == "scale"):
        return await back(turn)
    if field is None:
        if faq.sounds_like_question(turn, text, no_value=True):
            return await faq.ask(turn)
        return again(turn, "")
    found = read(field, text, turn.knowledge, turn.now)
    bad = isinstance(found, Bad)
    may_ask = (bad or _may_be_question(field)) and any(c.isalpha() for c in text)
    if may_ask and faq.sounds_like_question(turn, text, no_value=bad):
        return await _in_between(turn, draft, heard="" if bad else text)
    if isinstance(found, Bad):
        return _explain(turn, draft, field, found)
    if field.kind == "phone":
        known = draft.verified and draft.values.get(field.id) == found.value
        draft = replace(draft, verified=bool(phone) or known)
    return await _take(turn, draft, field, found)


async def unreadable(turn: Turn) -> Step:
    return again(turn, turn.knowledge.say("menu.unreadable"))


async def unknown_command(turn: Turn) -> Step:
    return again(turn, turn.knowledge.say("menu.unknown_command"))


async def old_choice(turn: Turn) -> Step:
    """A button of a step that has passed: nothing changes, and the open question stands."""
    return again(turn)


async def pick(turn: Turn) -> Step:
    """A pressed option of a choice field: `pick:<field>:<option>`."""
    draft, field, option = _pressed(turn, PICK)
    if draft is None or field is None:
        return again(turn)
    found = read(field, option, turn.knowledge, turn.now)
    return await _take(turn, draft, field, found) if isinstance(found, Read) else again(turn)


async def toggle(turn: Turn) -> Step:
    """An option of a field with several: on if it was off, and the question again."""
    draft, field, option = _pressed(turn, TOGGLE)
    if draft is None or field is None or option not in {o.id for o in field.options}:
        return again(turn)
    on = set(draft.chosen) ^ {option}
    chosen = tuple(o.id for o in field.options if o.id in on)
    draft = replace(draft, chosen=chosen)
    return step(at(turn, draft, field.id), form_pages.question(turn.knowledge, draft, field))


async def finish(turn: Turn) -> Step:
    draft, field, _ = _pressed(turn, FINISH)
    if draft is None or field is None:
        return again(turn)
    if not draft.chosen and field.required:
        return _explain(turn, draft, field, Bad("bad.choices_none"))
    return await keep(turn, draft, field, Read(list(draft.chosen)))


async def skip(turn: Turn) -> Step:
    draft, field, _ = _pressed(turn, SKIP)
    if draft is None or field is None or field.required:
        return again(turn)
    return await keep(turn, draft, field, Read(""))


async def same(turn: Turn) -> Step:
    """Leave the answer that stands there, and go on."""
    draft, field, _ = _pressed(turn, SAME)
    if draft is None or field is None or field.id not in draft.values:
        return again(turn)
    return await keep(turn, draft, field, Read(draft.values[field.id]))


async def write(turn: Turn) -> Step:
    """What was taken for a question was the answer."""
    draft, field, _ = _pressed(turn, WRITE)
    if draft is None or field is None or not draft.heard:
        return again(turn)
    found = read(field, draft.heard, turn.knowledge, turn.now)
    return await keep(turn, draft, field, found) if isinstance(found, Read) else again(turn)


async def back(turn: Turn) -> Step:
    """One question back; from an edited field to the summary; nothing is forgotten."""
    draft, at_step = _open(turn), turn.session.step
    if draft.editing and at_step != SUMMARY:
        return show(turn, replace(draft, editing=False), SUMMARY)
    before = draft.before(at_step) if at_step != CONSENT else None
    if before is None:
        return again(turn, turn.knowledge.say("form.first_question"))
    return show(turn, draft, before.id)


async def edit_which(turn: Turn) -> Step:
    draft = running(turn)
    if draft is None or turn.session.step != SUMMARY:
        return again(turn)
    return step(turn.session, form_pages.which_to_edit(turn.knowledge, draft))


async def edit(turn: Turn) -> Step:
    draft, field = running(turn), turn.incoming.action.removeprefix(EDIT)
    if draft is None or turn.session.step != SUMMARY or field not in {f.id for f in draft.asked()}:
        return again(turn)
    return show(turn, replace(draft, editing=True), field)


def again(turn: Turn, note: str | None = None) -> Step:
    """Ask the open question again; where no form is open, say that the button is an old one."""
    draft, say = running(turn), turn.knowledge.say
    if draft is None:
        menu = command(turn.knowledge, "menu", "choice.menu")
        return step(turn.session, Reply(say("menu.old_choice"), (menu,)))
    note = say("form.old_choice") if note is None else note
    at_step = _step_of(draft, turn.session.step)
    return step(at(turn, draft, at_step), form_pages.page(turn.knowledge, draft, at_step, note))


def reminder(turn: Turn) -> Reply:
    """The open question, to be said after something else was answered."""
    draft, note = _open(turn), turn.knowledge.say("form.waiting")
    return form_pages.page(turn.knowledge, draft, _step_of(draft, turn.session.step), note)


async def keep(turn: Turn, draft: Draft, field: Field, found: Read) -> Step:
    """Take a value for *field* and ask what is still open."""
    draft = replace(draft, values={**draft.values, field.id: found.value})
    applies = {each.id for each in draft.asked()}
    draft = replace(draft, values={k: v for k, v in draft.values.items() if k in applies})
    return await ask_next(turn, draft, note=found.note)


async def ask_next(
    turn: Turn, draft: Draft, *, note: str = "", effects: tuple[Effect, ...] = ()
) -> Step:
    """Ask what is still open; where nothing is, show the summary or what the answers come to."""
    following = draft.next_unanswered()
    if following is None and draft.form.concludes:
        return await conclusions.conclude(turn, draft, note, effects)
    if following is None:
        return show(turn, replace(draft, editing=False), SUMMARY, note, effects)
    return show(turn, draft, following.id, note, effects)


def show(
    turn: Turn, draft: Draft, at_step: str, note: str = "", effects: tuple[Effect, ...] = ()
) -> Step:
    """Go to a step. One that the form no longer has is the first open question instead."""
    knowledge, at_step = turn.knowledge, _step_of(draft, at_step)
    draft = replace(draft, chosen=(), heard="")
    if at_step == CONSENT:
        page = form_pages.consent(knowledge, draft.form)
    elif at_step == SUMMARY:
        page = form_pages.summary(knowledge, draft)
    else:
        field = draft.field(at_step)
        if field.kind == "choices":
            draft = replace(draft, chosen=tuple(draft.values.get(field.id) or ()))
        page = form_pages.question(knowledge, draft, field, note)
        return step(at(turn, draft, at_step), page, effects)
    if note:
        page = replace(page, text=f"{note}\n\n{page.text}")
    return step(at(turn, draft, at_step), page, effects)


def step(session: Session, reply: Reply, effects: tuple[Effect, ...] = ()) -> Step:
    return Step((reply,), session, Outcome.FORM, effects)


def _step_of(draft: Draft, at_step: str) -> str:
    steps = (SUMMARY,) if draft.form.concludes else (CONSENT, SUMMARY)
    if at_step in steps or any(field.id == at_step for field in draft.asked()):
        return at_step
    following = draft.next_unanswered()
    return following.id if following else SUMMARY


async def _take(turn: Turn, draft: Draft, field: Field, found: Read) -> Step:
    """Keep a value, saying what it means where seats are counted."""
    note = await seats.outlook(turn, draft, field, found.value)
    return await keep(turn, draft, field, replace(found, note=note) if note else found)


def _explain(turn: Turn, draft: Draft, field: Field, bad: Bad) -> Step:
    draft = replace(draft, heard="")
    note = turn.knowledge.say(bad.phrase, **bad.values)
    page = form_pages.question(turn.knowledge, draft, field, note, bad.instead)
    return step(at(turn, draft, field.id), page)


def _phone_early(turn: Turn, draft: Draft) -> Step:
    """A shared number where something else is asked: into its field, and the question again."""
    field = next((field for field in draft.asked() if field.kind == "phone"), None)
    if field is None or turn.session.step == CONSENT:
        return again(turn, turn.knowledge.say("form.phone_too_early"))
    found = read(field, turn.incoming.phone, turn.knowledge, turn.now)
    if isinstance(found, Bad):
        return again(turn, turn.knowledge.say(found.phrase))
    values = {**draft.values, field.id: found.value}
    session = at(turn, replace(draft, values=values, verified=True), turn.session.step)
    return again(replace(turn, session=session), turn.knowledge.say("form.phone_kept"))


def _may_be_question(field: Field) -> bool:
    """Whether words that the field accepts may still be a question of their own.

    A field that takes just anything is a note to the officer: there a question is the note.
    """
    return field.kind in FREE and not takes_digit(field)


async def _in_between(turn: Turn, draft: Draft, heard: str) -> Step:
    """Answer a question, remembering what was *heard* in case it was the value after all."""

    def hearing(words: str, of: Turn) -> Session:
        return at(of, replace(draft, heard=" ".join(words.split())), turn.session.step)

    answer = await faq.ask(replace(turn, session=hearing(heard, turn)))
    if answer.outcome is Outcome.SMALLTALK:
        session = hearing("", replace(turn, session=answer.session))
        return replace(answer, session=session)
    return answer


def _spoken(turn: Turn, phrase: str, action: str) -> dict[str, str]:
    return {fold(word): action for word in turn.knowledge.say(phrase).split(",")}


def _open(turn: Turn) -> Draft:
    draft = running(turn)
    if draft is None:
        raise ValueError("no form is open")
    return draft


def _pressed(turn: Turn, verb: str) -> tuple[Draft | None, Field | None, str]:
    """The running form, its current field if the button is about that one, and the option."""
    name, _, option = turn.incoming.action.removeprefix(verb).partition(":")
    draft = running(turn)
    field = current(turn, draft)
    return draft, field if field and field.id == name else None, option
