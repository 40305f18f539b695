"""`check-stripe`: is Stripe configured rightly? One line a thing: ok, wrong or unsure."""

import asyncio

from loom_app.integrations.stripe import checkup, client


def main(argv: list[str]) -> int:
    """0, or 1 where something is wrong."""
    del argv
    return asyncio.run(_run())


async def _run() -> int:
    try:
        return await report()
    finally:
        await client.close()


async def report() -> int:
    """Look and print."""
    found = await checkup.look()
    for note in found:
        print(f"{note.state:<7} {note.about}: {note.words}")
    wrong = sum(note.state == "wrong" for note in found)
    unsure = sum(note.state == "unsure" for note in found)
    print(f"{wrong} wrong, {unsure} unsure." if wrong or unsure else "All is well.")
    return 1 if wrong else 0
