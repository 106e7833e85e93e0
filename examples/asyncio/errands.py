"""errands.py - what tasks give back"""
import asyncio
from dataclasses import dataclass

NOBODY_HAS_IT = "No such file or directory"


# [price]
async def ask_price(item, seconds, cents):
    try:
        await asyncio.sleep(seconds)
        if cents == 0:
            raise LookupError(NOBODY_HAS_IT)
        return cents
    except LookupError as error:
        print(f"  {item}: {error}")
        raise
# [/price]


# [one]
async def buy_one():
    flour = asyncio.create_task(
        ask_price("flour", 0.1, 120))
    print("asked")
    cents = await flour
    print(f"flour is {cents} cents")
# [/one]


# [all]
async def buy_all():
    yeast, salt = await asyncio.gather(
        ask_price("yeast", 0.2, 90),
        ask_price("salt", 0.1, 40),
    )
    print(f"yeast is {yeast} cents, salt is {salt}")
# [/all]


# [fail]
# The other one goes on, and nobody waits for it.
async def buy_what_nobody_sells():
    try:
        await asyncio.gather(
            ask_price("saffron", 0.1, 0),
            ask_price("butter", 60, 250),
        )
    except LookupError as error:
        print(f"not all of it: {error}")
# [/fail]


# [each]
async def buy_what_there_is():
    cents = await asyncio.gather(
        ask_price("saffron", 0.1, 0),
        ask_price("butter", 0.2, 250),
        return_exceptions=True,
    )
    missing = sum(isinstance(c, LookupError) for c in cents)
    print(f"{missing} missing, butter is {cents[1]} cents")
# [/each]


# [large]
@dataclass
class Receipt:
    cents: int
    shop: str


async def pay():
    await asyncio.sleep(0.1)
    return Receipt(cents=250, shop="the mill")


async def pay_and_file():
    receipt = await pay()
    print(f"{receipt.cents} cents at {receipt.shop}")
# [/large]


# [main]
async def errands():
    await buy_one()
    await buy_all()
    await buy_what_nobody_sells()
    await buy_what_there_is()
    await pay_and_file()


asyncio.run(errands())
# [/main]
