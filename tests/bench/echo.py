"""The bot to be compared with: python-telegram-bot as its documentation shows it behind Starlette.

Its own Application, queue and default transport; it keeps nothing, answers 200 before it has
answered the person, and loses what is in its queue when it is killed.
"""

from __future__ import annotations

import asyncio
import sys
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, MessageHandler, filters

TOKEN = "123456:TEST-TOKEN"


async def say(update: Update, _context: object) -> None:
    if update.message and update.message.text:
        await update.message.reply_text(update.message.text)


async def main(url: str, port: int) -> None:
    bot = Application.builder().token(TOKEN).base_url(f"{url}/bot").updater(None).build()
    bot.add_handler(MessageHandler(filters.TEXT, say))

    async def take(request: Request) -> Response:
        await bot.update_queue.put(Update.de_json(await request.json(), bot.bot))
        return Response(status_code=HTTPStatus.OK)

    web = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=[Route("/telegram", take, methods=["POST"])]),
            port=port,
            access_log=False,
            log_level="error",
        )
    )
    await bot.bot.initialize()
    await bot.bot.set_webhook(f"http://127.0.0.1:{port}/telegram")
    async with bot:
        await bot.start()
        await web.serve()
        await bot.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
