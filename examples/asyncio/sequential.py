"""sequential.py - one after the other"""
import asyncio


# [work]
async def work(number, seconds):
    print(f"Starting Task {number}...")
    await asyncio.sleep(seconds)
    print(f"Task {number} finished.")
# [/work]


# [main]
async def sequential():
    await work(1, 1)
    await work(2, 2)


asyncio.run(sequential())
# [/main]
