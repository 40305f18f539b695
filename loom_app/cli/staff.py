"""`staff`: give somebody a role of staff, or end that with --end."""

import argparse
import asyncio

from loom_app.domains.accounts import actions
from loom_app.domains.accounts.actions.roles import OWNER
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import dispose
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError

APPOINT = Actor.system_job("accounts.appoint")


def main(argv: list[str]) -> int:
    """0, or 1 where nobody has the address, no role the name, or no owner would be left."""
    parser = argparse.ArgumentParser(prog="loom staff")
    parser.add_argument("email", help="of an account that exists")
    parser.add_argument("--role", default=OWNER, help="Owner unless told: Finance, Support, …")
    parser.add_argument("--end", action="store_true", help="not staff any more")
    chosen = parser.parse_args(argv)
    return asyncio.run(_run(chosen.email, role=chosen.role, staff=not chosen.end))


async def _run(email: str, *, role: str, staff: bool) -> int:
    try:
        return await appoint(email, role=role, staff=staff)
    finally:
        await dispose()


async def appoint(email: str, *, role: str = OWNER, staff: bool) -> int:
    """Write it down and say so."""
    try:
        async with transaction(APPOINT) as tx:
            await actions.appoint(tx, email, role=role, staff=staff)
    except DomainError as error:
        print(error.message)
        return 1
    print(f"{email} is staff now: {role}." if staff else f"{email} is not staff any more.")
    return 0
