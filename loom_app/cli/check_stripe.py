"""`check-stripe`: is Stripe configured rightly? One line a thing: ok, wrong or unsure."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from loom_app.domains.coaches import queries as coaches
from loom_app.integrations.stripe import checkup, client
from loom_app.integrations.stripe.checkup import Note
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import dispose
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings

CHECK = Actor.system_job("payments.check_stripe")


def main(argv: list[str]) -> int:
    """0, or 1 where something is wrong."""
    del argv
    return asyncio.run(_run())


async def _run() -> int:
    try:
        return await report()
    finally:
        await client.close()
        await dispose()


async def report() -> int:
    """Look and print."""
    found = [*await checkup.look(), await _sold()]
    for note in found:
        print(f"{note.state:<7} {note.about}: {note.words}")
    wrong = sum(note.state == "wrong" for note in found)
    unsure = sum(note.state == "unsure" for note in found)
    print(f"{wrong} wrong, {unsure} unsure." if wrong or unsure else "All is well.")
    return 1 if wrong else 0


async def _sold() -> Note:
    """Prices that nobody can pay, since Stripe does not pay Loom in their currency."""
    about = "Currencies on sale"
    try:
        async with transaction(CHECK) as tx:
            sold = await coaches.currencies_on_sale(tx)
    except (SQLAlchemyError, OSError) as error:
        words = f"the database could not be asked ({type(error).__name__})."
        return Note("unsure", about, words)
    left = {code: n for code, n in sorted(sold.items()) if code not in settings().settled}
    if not left:
        return Note("ok", about, f"{', '.join(sorted(sold)) or 'none'}, all of them settled.")
    told = ", ".join(f"{code} ({n})" for code, n in left.items())
    words = f"offerings in {told} cannot be booked: LOOM_SETTLED_CURRENCIES has not their currency."
    return Note("wrong", about, words)
