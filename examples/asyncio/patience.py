"""patience.py - time and cancels"""
import asyncio


# [limit]
async def waiting():
    try:
        async with asyncio.timeout(0.1):
            await asyncio.sleep(60)
    except TimeoutError:
        print("waiting: timed out")
# [/limit]


# [call]
async def hold():
    print("on hold")
    try:
        await asyncio.sleep(60)
    finally:
        print("hung up")


async def calling():
    call = asyncio.create_task(hold())
    await asyncio.sleep(0.1)
    call.cancel()
    try:
        await call
    except asyncio.CancelledError:
        print("the call: cancelled")
# [/call]


# [twice]
async def stubborn():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("first: cancelled")
    await asyncio.sleep(0.1)
    print("second: success")


async def insisting():
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0.1)
    task.cancel()
    await task
# [/twice]


# [bye]
async def visit():
    try:
        await asyncio.sleep(60)
    finally:
        async with asyncio.timeout(1):
            await asyncio.sleep(0.1)
            print("goodbye")


async def visiting():
    guest = asyncio.create_task(visit())
    await asyncio.sleep(0.1)
    guest.cancel()
    try:
        await guest
    except asyncio.CancelledError:
        print("the guest has left")
# [/bye]


async def patience():
    await waiting()
    await calling()
    await insisting()
    await visiting()


asyncio.run(patience())
