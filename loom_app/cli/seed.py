"""`seed`: demo people once, or a large practice for measuring. Refuses in production."""

import argparse
import asyncio

from loom_app.kit.db import engine as db_engine
from loom_app.kit.db.engine import database_url
from loom_app.kit.db.migrate import migrate
from loom_app.kit.settings import settings
from loom_app.wiring import wire


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="loom seed")
    parser.add_argument("--scale", choices=["demo", "large"], default="demo")
    chosen = parser.parse_args(argv)
    if settings().production:
        print("Refused: demo people do not belong into production (LOOM_PUBLIC_URL is set).")
        return 1
    database_url()
    migrate()
    wire()
    if chosen.scale == "large":
        from loom_app.cli import large  # noqa: PLC0415 - numpy-free, yet only needed here

        return large.main()
    asyncio.run(_run())
    return 0


async def _run() -> None:
    try:
        await demo()
    finally:
        await db_engine.dispose()


async def demo() -> None:
    """The demo practice; nothing if it is there."""
    from loom_app.cli.demo import ahead, life, money, practice  # noqa: PLC0415 - imports the sandbox

    if await practice.exists():
        return
    print("Seeding demo people …", flush=True)
    made, clients = await practice.people()
    await money.accounts(made)
    await life.past(made, clients)
    await money.past()
    await life.talks(made, clients)
    booked = await ahead.coming(made, clients)
    print(f"  {len(made)} coaches, {len(clients)} clients, {booked} sessions to come.")
