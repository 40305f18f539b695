"""The roles of a real deployment, on the test server."""

import re

from sqlalchemy import create_engine, text

from loom_app.kit.settings import ROOT


def make_roles(database: str) -> None:
    """What the database's image does at its first start, on a server that others use as well."""
    engine = create_engine(database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
        for line in (ROOT / "deploy" / "postgres" / "10-roles.sql").read_text().splitlines():
            made = re.match(r"CREATE ROLE (\w+)", line)
            if line and not line.startswith("--") and not (made and made.group(1) in known):
                connection.execute(text(line))
    engine.dispose()
