"""`staff`: make somebody staff, or end that with --end."""

import argparse
import asyncio

from loom_app.domains.accounts import actions
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import dispose
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound

APPOINT = Actor.system_job("accounts.appoint")


def main(argv: list[str]) -> int:
    """0, or 1 where nobody has the address."""
    parser = argparse.ArgumentParser(prog="loom staff")
    parser.add_argument("email", help="of an account that exists")
    parser.add_argument("--end", action="store_true", help="not staff any more")
    chosen = parser.parse_args(argv)
    return asyncio.run(_run(chosen.email, staff=not chosen.end))


async def _run(email: str, *, staff: bool) -> int:
    try:
        return await appoint(email, staff=staff)
    finally:
        await dispose()


async def appoint(email: str, *, staff: bool) -> int:
    """Write it down and say so."""
    try:
        async with transaction(APPOINT) as tx:
            await actions.appoint(tx, email, staff=staff)
    except NotFound as error:
        print(error.message)
        return 1
    print(f"{email} is staff now." if staff else f"{email} is not staff any more.")
    return 0
