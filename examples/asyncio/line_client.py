"""line_client.py - asks a server

  line_client.py HOST:PORT LINE...
"""
import asyncio
import sys


# [ask]
# One line there, one line back, in two seconds.
async def ask(reader, writer, line):
    async with asyncio.timeout(2):
        writer.write(line.encode() + b"\n")
        await writer.drain()
        answer = await reader.readline()
    print(answer.decode().rstrip("\n"))
# [/ask]


# [talk]
async def talk(address, *lines):
    host, port = address.rsplit(":", 1)
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(host, port)
    for line in lines:
        await ask(reader, writer, line)
    writer.close()
    await writer.wait_closed()
# [/talk]


asyncio.run(talk(*sys.argv[1:]))
