"""jobs.py - a queue between tasks"""
import asyncio

jobs = [
    ("soup", 0.9), ("salad", 0.2), ("bread", 0.4), ("lentils", 0.5),
    ("rice", 0.7), ("tea", 0.1), ("cake", 0.1),
]


# [cook]
# Does what comes, until there will be no more.
async def cook(name, queue):
    while (job := await queue.get()) is not None:
        dish, seconds = job
        print(f"{name} begins with the {dish}")
        await asyncio.sleep(seconds)
# [/cook]


# [order]
# There is room for two: who orders waits for those who cook.
async def order(queue, cooks):
    for job in jobs:
        await queue.put(job)
    print("all is ordered")
    for _ in range(cooks):
        await queue.put(None)
# [/order]


# [kitchen]
async def kitchen():
    queue = asyncio.Queue(2)
    async with asyncio.TaskGroup() as group:
        group.create_task(cook("Ada", queue))
        group.create_task(cook("Ben", queue))
        group.create_task(cook("Cleo", queue))
        await order(queue, 3)


asyncio.run(kitchen())
# [/kitchen]
