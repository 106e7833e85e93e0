"""groups.py - tasks that end together"""
import asyncio
import errno
import os


async def job(name, seconds, error=0, result=None):
    print(f"  {name} begins")
    try:
        await asyncio.sleep(seconds)
        if error:
            raise OSError(error, os.strerror(error))
        print(f"  {name}: {'answers' if result else 'success'}")
        return result
    except asyncio.CancelledError:
        print(f"  {name}: cancelled")
        raise
    except OSError as error:
        print(f"  {name}: {error.strerror}")
        raise


# [limit]
# The group starts all at once: what waits for its turn is a task already.
async def two_at_a_time():
    turn = asyncio.Semaphore(2)

    async def in_turn(dish, seconds):
        async with turn:
            await job(dish, seconds)

    async with asyncio.TaskGroup() as group:
        for dish in "rice", "lentils", "bread":
            seconds = 0.4 if dish == "lentils" else 0.1
            group.create_task(in_turn(dish, seconds))
# [/limit]


# [fail]
async def all_or_nothing():
    async with asyncio.TaskGroup() as group:
        group.create_task(job("debit", 60))
        group.create_task(job("credit", 0.1, error=errno.EIO))
        await asyncio.sleep(60)
# [/fail]


# [race]
async def first_answer():
    mirrors = [
        asyncio.create_task(job("mirror 1", 60, result=1)),
        asyncio.create_task(job("mirror 2", 0.1, result=2)),
    ]
    done, rest = await asyncio.wait(
        mirrors, return_when=asyncio.FIRST_COMPLETED)
    for mirror in rest:
        mirror.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    return done.pop().result()
# [/race]


async def story():
    await two_at_a_time()
    print("two at a time: success\n")
    try:
        await all_or_nothing()
    except* OSError as failed:
        print(f"all or nothing: {failed.exceptions[0].strerror}\n")
    print(f"the first answer: from mirror {await first_answer()}")


asyncio.run(story())
