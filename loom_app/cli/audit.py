"""`audit --verify`: walk the chain of the audit trail; 1 where it is not as it was sealed."""

import argparse
import asyncio

from loom_app.kit.audit import chain
from loom_app.kit.db.engine import dispose


def main(argv: list[str]) -> int:
    """0 where the chain holds."""
    parser = argparse.ArgumentParser(prog="loom audit")
    parser.add_argument("--verify", action="store_true", required=True, help="walk the chain")
    parser.parse_args(argv)
    return asyncio.run(_run())


async def _run() -> int:
    try:
        return await verify()
    finally:
        await dispose()


async def verify() -> int:
    """Say what was found."""
    found = await chain.verify()
    for problem in found.problems:
        print(problem)
    kept = f"{found.entries} entries, numbers {found.base + 1} to {found.last}"
    print(f"{kept}; {found.waiting} not sealed yet.")
    print("The chain is broken." if found.problems else "The chain holds.")
    return 1 if found.problems else 0
