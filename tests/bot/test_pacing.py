"""Hours of sending in arithmetic."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.channels import Pace
from bot.channels.telegram.channel import TelegramPace
from bot.pacing import LONGEST_EXTRA, Pacer, Patience

FREE = Pace(25.0, timedelta(seconds=1))


def slots(pacer: Pacer, seconds: float) -> Iterator[float]:
    """Every slot of so much time, each taken as soon as it is there."""
    now = 0.0
    while now < seconds:
        now = pacer.take("somebody", now)
        yield now


@pytest.mark.parametrize("per_second", [1.0, 25.0, 29.0, 1000.0])
def test_three_hours_never_break_the_limit_and_use_97_percent_of_it(per_second: float) -> None:
    seconds = min(10_800.0, 270_000 / per_second)
    window: deque[float] = deque()
    count = 0
    for slot in slots(Pacer(Pace(per_second, timedelta(0))), seconds):
        window.append(slot)
        while window[0] <= slot - 1.0:
            window.popleft()
        assert len(window) <= per_second
        count += 1
    assert count >= 0.97 * per_second * seconds


def test_nothing_is_reserved_for_a_time_before_a_halt_ends() -> None:
    pacer = Pacer(FREE)
    pacer.take("a", 0.0)
    pacer.halt(30.0)
    pacer.halt(10.0)
    assert pacer.halted(29.9)
    assert not pacer.halted(30.0)
    assert pacer.take("b", 1.0) == 30.0
    assert pacer.room(1.0, ahead=0.5) == 0


def test_room_is_what_can_be_taken_without_waiting_longer() -> None:
    pacer = Pacer(FREE)
    room = pacer.room(0.0, ahead=0.5)
    taken = [pacer.take(str(number), 0.0) for number in range(room)]
    assert room == 13
    assert max(taken) <= 0.5
    assert pacer.room(0.0, ahead=0.5) == 0
    assert pacer.free_at() > 0.5


def test_an_address_cools_for_its_time_and_is_then_forgotten() -> None:
    pacer = Pacer(FREE)
    pacer.take("a", 0.0)
    pacer.take("b", 0.5)
    assert pacer.cooling(0.9) == {"a", "b"}
    assert pacer.cool_at() == 1.0
    assert pacer.cooling(1.2) == {"b"}
    assert pacer.cooling(1.5) == frozenset()
    assert pacer.cool_at() is None


def test_the_topics_of_a_group_have_its_twenty_a_minute_together() -> None:
    pacer = Pacer(TelegramPace(25.0, timedelta(seconds=1)))
    now, taken = 0.0, []
    for number in range(400):
        topic = f"-100/{number % 3}"
        now += pacer.wait(topic, now)
        taken.append(pacer.take(topic, now))
    assert max(sum(at <= other < at + 60 for other in taken) for at in taken) == 20
    assert len(taken) >= 0.97 * 20 * taken[-1] / 60
    assert pacer.wait("1", now) == 0


def test_patience_doubles_only_for_who_is_refused_while_others_get_through() -> None:
    patience = Patience()
    after = timedelta(seconds=30)
    assert [patience.wait("stubborn", after) for _ in range(3)] == [after] * 3
    waits = []
    for _ in range(9):
        patience.sent("another")
        waits.append(patience.wait("stubborn", after) / after)
    assert waits == [2, 4, 8, 16, 32, LONGEST_EXTRA, LONGEST_EXTRA, LONGEST_EXTRA, LONGEST_EXTRA]
    patience.sent("stubborn")
    assert patience.wait("stubborn", after) == after
