"""`events`: what Stripe told us; --failed what went wrong; --replay ID once more."""

import argparse
import asyncio

from loom_app.domains.payments import actions, queries
from loom_app.integrations.stripe import client as stripe
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import dispose
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from loom_app.wiring import wire

LOOK = Actor.system_job("payments.events")


def main(argv: list[str]) -> int:
    """0, or 1 where a replay went wrong."""
    parser = argparse.ArgumentParser(prog="loom events")
    parser.add_argument("--failed", action="store_true", help="only what went wrong so far")
    parser.add_argument("--replay", type=int, metavar="ID", help="handle this one once more")
    chosen = parser.parse_args(argv)
    wire()
    return asyncio.run(_run(chosen))


async def _run(chosen: argparse.Namespace) -> int:
    try:
        return await run(failed=chosen.failed, again=chosen.replay)
    finally:
        await stripe.close()
        await dispose()


async def run(*, failed: bool = False, again: int | None = None) -> int:
    """Replay one, or list the newest."""
    if again is not None:
        try:
            await actions.replay(again)
        except DomainError as error:
            print(f"{again}: {error.message}")
            return 1
    async with transaction(LOOK) as tx:
        found = await queries.events(tx, troubled=failed)
    for one in found:
        if again in (None, one.id):
            state = one.outcome or ("given up" if one.failed else "waits")
            told = f" after {one.attempts} tries: {one.error}" if one.error else ""
            print(f"{one.id:>8}  {one.type:<44} {one.object_id:<30} {state}{told}")
    return 0
