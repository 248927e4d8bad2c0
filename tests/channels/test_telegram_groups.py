"""Groups on Telegram: their own pace, and messages that hang under the one they follow."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

import pytest

from bot.channels.telegram import rendering
from bot.channels.telegram.channel import TelegramPace
from bot.pacing import Pacer
from handlers.conversation import Choice, Reply

PACE = TelegramPace(25.0, timedelta(seconds=1))


@pytest.mark.parametrize(("address", "most"), [("-100555/7", 20), ("-42", 20), ("1001", 60)])
def test_no_minute_holds_more_than_telegram_allows(address: str, most: int) -> None:
    pacer, now = Pacer(PACE), 0.0
    sent: deque[float] = deque()
    while now < 200.0:
        if address not in pacer.cooling(now):
            sent.append(pacer.take(address, now))
        now += 0.05
    for first in sent:
        assert sum(first <= moment < first + 60.0 for moment in sent) <= most


def test_a_message_hangs_under_the_one_that_it_answers() -> None:
    reply = Reply("x" * 5000, (Choice("Trả lời", "staff:ticket.reply:1"),), answers="70")
    first, *others = rendering.render(reply, "", "")

    assert first["reply_parameters"] == {"message_id": 70, "allow_sending_without_reply": True}
    assert all("reply_parameters" not in each for each in others)
