"""`migrate`: as the database's owner."""

from loom_app.kit.db.migrate import migrate


def main(argv: list[str]) -> int:
    migrate(revision=argv[0] if argv else "head")
    return 0
