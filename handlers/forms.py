"""A form from its first page to its last: consent, leaving and coming back, sending.

A form is data (`knowledge/data/forms`) and its questions are asked by `handlers.filling`. Its whole
state is the session, so that a turn kept is an answer kept: a form that was left, killed or
forgotten for days stands at the same question.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers import dossier, filling, form_pages, seats, sharing
from handlers.conversation import Reply, Step, Turn
from handlers.drafts import (
    CONSENT,
    SUMMARY,
    Draft,
    at,
    forget,
    of_sent,
    running,
    shelve,
    shelved,
    submission,
    waiting,
)
from handlers.effects import Effect, GiveConsent, WithdrawSubmission
from handlers.filling import step
from handlers.form_pages import PROGRAMMES
from handlers.speech import FORM, REGISTER, command
from knowledge.answers import DATE
from knowledge.entries import Form


async def start(turn: Turn) -> Step:
    """Open a form: go on with a draft, show what was sent already, or ask for consent."""
    form = turn.knowledge.forms.get(turn.incoming.action.removeprefix(FORM))
    if form is None:
        return step(turn.session, Reply(turn.knowledge.say("menu.old_choice")))
    turn = replace(turn, session=shelve(turn))
    if draft := shelved(turn, form.id):
        return step(turn.session, form_pages.unfinished(turn.knowledge, draft))
    for sent in () if form.concludes else await turn.lookup.submissions():
        if sent.form == form.id:
            return step(turn.session, form_pages.already_sent(turn.knowledge, form, sent))
    return await _open(turn, Draft(form, {}))


async def join(turn: Turn) -> Step:
    """Register for one more programme: `join:<option>`. A sent or waiting form keeps all it has."""
    form, option = turn.knowledge.forms[REGISTER], _argument(turn)
    options = [each.id for each in form.field(PROGRAMMES).options]
    if option not in options:
        return await start(_pressing(turn, FORM + REGISTER))
    turn = replace(turn, session=shelve(turn))
    sent = next((s for s in await turn.lookup.submissions() if s.form == form.id), None)
    draft, where = (of_sent(form, sent), SUMMARY) if sent else (Draft(form, {}), "")
    if waits := shelved(turn, draft.key):
        draft, where = waits, turn.session.shelf[draft.key]["step"]
    chosen = {*(draft.values.get(PROGRAMMES) or ()), option}
    values = {**draft.values, PROGRAMMES: [each for each in options if each in chosen]}
    turn = replace(turn, session=forget(turn.session, draft.key))
    return await _open(turn, replace(draft, values=values), where)


async def see(turn: Turn) -> Step:
    """What answers that were given before come to today: `see:<draft key>`."""
    key = _argument(turn)
    draft = shelved(turn, key)
    if draft is None or not draft.concluded():
        return await _start_named(turn)
    turn = replace(turn, session=forget(shelve(turn), key))
    return await filling.ask_next(turn, draft)


async def another(turn: Turn) -> Step:
    """A second submission of the same form, for another enterprise: `another:<form>`."""
    form = turn.knowledge.forms.get(_argument(turn))
    turn = replace(turn, session=shelve(turn))
    if form is None or shelved(turn, form.id):
        return await _start_named(turn)
    return await _open(turn, Draft(form, {}))


async def resume(turn: Turn) -> Step:
    """Take a draft from the shelf and ask its question again. Running already: just ask again."""
    key, opened = _argument(turn), running(turn)
    if opened and opened.key == key:
        return filling.show(turn, opened, turn.session.step)
    draft = shelved(turn, key)
    if draft is None:
        return await _start_named(turn)
    where = turn.session.shelf[key]["step"]
    turn = replace(turn, session=forget(shelve(turn), key))
    return await _open(turn, draft, where)


async def restart(turn: Turn) -> Step:
    """Drop what was filled in and begin with the first question."""
    form = turn.knowledge.forms.get(_argument(turn))
    if form is None:
        return await _start_named(turn)
    turn = replace(turn, session=forget(turn.session, form.id))
    return await _open(replace(turn, session=shelve(turn)), Draft(form, {}))


async def discard(turn: Turn) -> Step:
    text = turn.knowledge.say("form.discarded")
    choices = (command(turn.knowledge, "menu", "choice.menu"),)
    return step(forget(turn.session, _argument(turn)), Reply(text, choices))


async def agree(turn: Turn) -> Step:
    draft = running(turn)
    if draft is None or turn.session.step != CONSENT:
        return filling.again(turn)
    consent = draft.form.consent
    wording = form_pages.consent_text(turn.knowledge, draft.form)
    given = GiveConsent(consent.purpose, consent.version, wording)
    return await filling.ask_next(turn, draft, note=_beginning(turn, draft), effects=(given,))


async def decline(turn: Turn) -> Step:
    draft = running(turn)
    if draft is None or turn.session.step != CONSENT:
        return filling.again(turn)
    return step(forget(turn.session, draft.key), form_pages.declined(turn.knowledge))


async def cancel(turn: Turn) -> Step:
    """Stop, and keep what was filled in: a slip of the thumb must not lose a registration."""
    draft = running(turn)
    if draft is None:
        raise ValueError("cancel() needs a running form")
    knowledge = turn.knowledge
    if not draft.values:
        reply = Reply(knowledge.say("form.stopped"), (command(knowledge, "menu", "choice.menu"),))
        return step(turn.session.idle(), reply)
    until = turn.now.date() + timedelta(days=draft.form.resume_days)
    phrase = "form.left_change" if draft.submission else "form.left"
    text = knowledge.say(phrase, form=draft.form.title, until=until.strftime(DATE))
    return step(shelve(turn), Reply(text, form_pages.ways_on(knowledge, draft)))


async def send(turn: Turn) -> Step:
    """Hand the form in. Pressed twice, the second press finds no form and changes nothing."""
    draft = running(turn)
    if draft is None or turn.session.step != SUMMARY:
        return filling.again(turn)
    if draft.form.concludes or draft.next_unanswered():
        return await filling.ask_next(turn, draft)
    knowledge, form = turn.knowledge, draft.form
    effects = await _sending(turn, draft)
    text = knowledge.say("form.changed") if draft.submission else form.done
    stays = draft.submission if len(effects) == 1 else None
    places = await seats.standing(turn, form, draft.values, stays)
    effects += await seats.wishes(turn, form, draft.values, stays)
    choices = [command(knowledge, "mine", "choice.mine"), command(knowledge, "menu", "choice.menu")]
    if not await turn.lookup.subscribed():
        choices.insert(0, command(knowledge, "resume", "choice.resume_news"))
    turn = replace(turn, session=forget(turn.session, draft.key))
    if form.id == REGISTER:
        choices[:0] = sharing.offers(turn)
    reply = Reply("\n\n".join([text.strip(), *places]), tuple(choices))
    return step(turn.session, reply, effects)


async def _sending(turn: Turn, draft: Draft) -> tuple[Effect, ...]:
    """Save it. A change that gives up a seat for another is a withdrawal and a new submission."""
    saved = submission(draft)
    for sent in await turn.lookup.submissions():
        if sent.id == draft.submission and seats.moved(draft.form, sent.values, draft.values):
            return (WithdrawSubmission(sent.id), replace(saved, replaces=None))
    return (saved,)


def aside(turn: Turn, done: Step) -> Step:
    """The form steps aside for a menu that was asked for, and stays one press away."""
    turn = replace(turn, session=done.session)
    session = shelve(turn)
    ways = [form_pages.resume(turn.knowledge, draft) for draft in waiting(turn)[:1]]
    last = done.replies[-1]
    replies = (*done.replies[:-1], replace(last, choices=(*last.choices, *ways)))
    return replace(done, replies=replies, session=session)


async def change(turn: Turn, draft: Draft) -> Step:
    """Open a form that was sent, at its summary; a change begun earlier goes on where it was."""
    turn = replace(turn, session=shelve(turn))
    if shelved(turn, draft.key):
        return await resume(_pressing(turn, form_pages.RESUME + draft.key))
    return await _open(turn, draft, SUMMARY)


async def _open(turn: Turn, draft: Draft, where: str = "") -> Step:
    """Show a draft at *where*; first the consent, unless exactly this wording was agreed to.

    What a checklist is shared as asks nothing: it is changed by ticking.
    """
    if draft.form.id in turn.knowledge.checklists:
        return await dossier.show(_pressing(turn, dossier.SHOW + draft.form.id))
    if not draft.form.concludes and not await _agreed(turn, draft.form):
        page = form_pages.consent(turn.knowledge, draft.form)
        return step(at(turn, draft, CONSENT), page)
    if where in ("", CONSENT):
        return await filling.ask_next(turn, draft, note=_beginning(turn, draft))
    return filling.show(turn, draft, where)


def _beginning(turn: Turn, draft: Draft) -> str:
    """What is said before the first question; nothing where some were answered."""
    if draft.values:
        return ""
    intro, how = draft.form.intro.strip(), turn.knowledge.say("form.how")
    return "\n\n".join(filter(None, [intro, how]))


async def _agreed(turn: Turn, form: Form) -> bool:
    wanted = (form.consent.purpose, form.consent.version)
    return any(
        (given.purpose, given.version) == wanted and given.withdrawn_at is None
        for given in await turn.lookup.consents()
    )


async def _start_named(turn: Turn) -> Step:
    """Begin with the form that a draft's key names, where the draft itself is gone."""
    return await start(_pressing(turn, FORM + _argument(turn).partition("#")[0]))


def _pressing(turn: Turn, action: str) -> Turn:
    return replace(turn, incoming=replace(turn.incoming, action=action))


def _argument(turn: Turn) -> str:
    return turn.incoming.action.partition(":")[2]
