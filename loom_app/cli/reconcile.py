"""`reconcile`: what the daily job does, at once and in words."""

import asyncio

from loom_app.domains.payments import actions
from loom_app.integrations.stripe import client as stripe
from loom_app.kit.db.engine import dispose
from loom_app.wiring import wire


def main(argv: list[str]) -> int:
    """0 where ledger and Stripe agree, 1 where something differs."""
    del argv
    wire()  # what is healed is told like everything else
    return asyncio.run(_run())


async def _run() -> int:
    try:
        return await report()
    finally:
        await stripe.close()
        await dispose()


async def report() -> int:
    """Look and print."""
    found = [*await actions.check_invariants(), *await actions.reconcile()]
    for one in found:
        figures = ", ".join(f"{name} {value}" for name, value in one.detail.items())
        print(f"{one.kind:<20} {one.ref}: {figures}")
    print(f"{len(found)} differences" if found else "The ledger and Stripe agree.")
    return 1 if found else 0
