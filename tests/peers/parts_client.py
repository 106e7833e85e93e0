"""Sends a form by Python's aiohttp, and says what is answered.

parts_client.py URL TITLE FILENAME PATH
"""

import asyncio
import sys

import aiohttp


async def send(url, title, filename, path):
    form = aiohttp.FormData()
    form.add_field("title", title)
    with open(path, "rb") as file:
        form.add_field("photo", file, filename=filename)
        async with aiohttp.ClientSession() as session:
            async with session.post(url, data=form) as reply:
                print(reply.status, await reply.text(), end="")


asyncio.run(send(*sys.argv[1:]))
