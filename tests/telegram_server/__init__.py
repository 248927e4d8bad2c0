"""A strict fake of Telegram's Bot API: real HTTP on loopback, unmodified clients on the other side.

Its rule: refuse what Telegram refuses, in Telegram's words, and never help the bot where Telegram
would not. What a test cannot see here it will first see in production.

`async with TelegramServer() as server:` runs it inside a test; `python -m tests.telegram_server`
runs it as a process of its own, steered over `/control/...` (see `control.py`).
"""

from tests.telegram_server.errors import ApiError
from tests.telegram_server.faults import Fault, What
from tests.telegram_server.limits import Flood
from tests.telegram_server.people import Group, Person
from tests.telegram_server.record import Arrival, Injected, Message, Refusal
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.webhook import Manners
from tests.telegram_server.world import Query

__all__ = [
    "ApiError",
    "Arrival",
    "Fault",
    "Flood",
    "Group",
    "Injected",
    "Manners",
    "Message",
    "Person",
    "Query",
    "Refusal",
    "TelegramServer",
    "What",
]
