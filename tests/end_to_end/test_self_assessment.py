"""A self-assessment over Telegram: what is queued is data, what arrives is a picture."""

from __future__ import annotations

import json

from bot.store import schema
from tests.bot.conftest import rows
from tests.end_to_end.conftest import PATIENCE, Live
from tests.knowledge.guidance import statements

LAN = 100_001
PNG = b"\x89PNG\r\n\x1a\n"


async def test_the_picture_arrives_before_the_words_and_is_queued_as_data(polling: Live) -> None:
    lan = polling.server.user(LAN)
    said = await polling.ask(lan, "/tudanhgia")
    asked = statements(polling.knowledge.assessment)
    for n, (_, statement) in enumerate(asked):
        assert statement.text in said
        said = await polling.ask(lan, str(n % 6))
    result = await lan.reply(PATIENCE)
    (picture,) = [message for message in lan.received if message.upload]

    assert picture.id < result.id
    assert picture.upload is not None
    assert picture.upload.content.startswith(PNG)
    assert said == picture.text == polling.knowledge.say("assessment.caption", most=5)
    assert result.text.startswith(polling.knowledge.assessment.label)
    assert result.labels[-1] == "0. Quay lại"
    assert polling.server.refusals == []
    queued = [row["payload"] for row in await rows(polling.app.house.store, schema.delivery)]
    (drawn,) = [payload for payload in queued if "attachment" in payload]
    assert len(drawn["attachment"]["content"]["axes"]) == len(polling.knowledge.assessment.aspects)
    assert len(json.dumps(drawn)) < 3000
