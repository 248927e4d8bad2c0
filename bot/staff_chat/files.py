"""What a message of staff has to do with files, besides the transaction that keeps its turn."""

from __future__ import annotations

from dataclasses import dataclass

from bot.operations.rights import Role
from bot.staff_chat import lead_listing, news_files
from bot.store.staffing import Member
from handlers.attachments import SentFile
from handlers.conversation import Turn
from handlers.menu import read_choice


@dataclass(frozen=True, slots=True)
class Files:
    """What is to be fetched before the transaction, and forgotten after it.

    `keep` goes along with an announcement; `listed` is a list of enterprises to read: the file
    that came, or the key of the one that came before. `over` is the key of the list that this
    message ends. No other file is fetched.
    """

    keep: SentFile | None = None
    listed: SentFile | str = ""
    over: str = ""


def files_of(turn: Turn, member: Member | None) -> Files:
    """What was sent where it is waited for, by who may send it, and what was chosen of a list."""
    if member is None:
        return Files()
    role, file, session = Role(member.role), turn.incoming.file, turn.session
    chosen = read_choice(turn).incoming.action
    over = lead_listing.done_with(chosen, role) if turn.incoming.private else ""
    if key := lead_listing.wanted_again(chosen):
        return Files(listed=key, over=over)
    if file is not None and lead_listing.waits_for_list(session):
        return Files(listed=file, over=over)
    if news_files.waits_for_file(session, role):
        return Files(keep=file, over=over)
    return Files(over=over)
