"""kitchen.py - two dishes at once"""
import asyncio


# [cook]
async def cook(dish, seconds):
    print(f"{dish}: on the stove")
    await asyncio.sleep(seconds)
    print(f"{dish}: ready")
# [/cook]


# [kitchen]
async def kitchen():
    await asyncio.gather(
        cook("rice", 2),
        cook("vegetables", seconds=1),
    )


asyncio.run(kitchen())
# [/kitchen]
