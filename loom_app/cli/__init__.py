"""The command line: each command is a module with `main(argv) -> int`."""

import importlib
import sys

from loom_app.kit.settings import SettingsError

COMMANDS = {
    "serve": "Build if needed, migrate, seed demo people once, and serve on one port",
    "migrate": "Bring the database to the newest migration",
    "seed": "Make demo data (--scale demo|large)",
    "bench": "Measure a production server from outside (see README.md, Measured)",
    "check-stripe": "Is Stripe configured rightly? Each line ok, wrong or unsure; 1 where wrong",
    "reconcile": "Compare the ledger with Stripe and itself; exit code 1 where they differ",
    "events": "What Stripe told us (--failed: what went wrong, --replay ID: once more)",
    "staff": "Give a role of staff, Owner unless told: staff EMAIL [--role NAME] [--end]",
    "audit": "Is the audit trail whole? --verify walks its chain; 1 where it is broken",
    "backup": "Write database and files into one archive: backup --to FOLDER [--keep N]",
    "restore": "Bring an archive back into an empty database: restore ARCHIVE [--replace]",
    "build": "Build the pages if something changed",
    "envexample": "Write .env.example from the settings",
    "docs": "Write docs/reference.md from settings, jobs and events",
}


def main(argv: list[str]) -> int:
    """Run a command; returns its exit code."""
    if not argv or argv[0] not in COMMANDS:
        print("usage: python -m loom_app.cli <command>\n")
        for name, words in COMMANDS.items():
            print(f"  {name:<13} {words}")
        return 2
    try:
        module = importlib.import_module(f"loom_app.cli.{argv[0].replace('-', '_')}")
        return module.main(argv[1:])
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
