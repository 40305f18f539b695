"""Bring a database to the newest migration, as its owner."""

import functools
from dataclasses import dataclass

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from loom_app.kit.db.engine import one_at_a_time, owner_engine
from loom_app.kit.settings import ROOT


def config(url: str | None = None) -> Config:
    """Alembic's configuration in code: there is no ini file to keep in step."""
    made = Config()
    made.set_main_option("script_location", str(ROOT / "alembic"))
    if url:
        made.attributes["url"] = url
    return made


def migrate(url: str | None = None, revision: str = "head") -> None:
    with one_at_a_time("migrate", url):  # several processes may start at once
        command.upgrade(config(url), revision)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A database older than the code: the revision it is at ("nothing" when empty), and the one
    that is needed."""

    there: str
    needed: str


def revisions(url: str | None = None) -> tuple[str, str]:
    """The revision that the database is at ("" when empty), and the newest of this version. Reads
    as whoever connects, who need not own anything."""
    engine = owner_engine(url)
    with engine.connect() as connection:
        there = MigrationContext.configure(connection).get_current_revision() or ""
    engine.dispose()
    return there, head()


def behind(url: str | None = None) -> Lacking | None:
    """What the database lacks; None where it is at this version or, as for the old processes
    during an upgrade, at one that this version does not know yet."""
    there, needed = revisions(url)
    if there == needed or (there and not knows(there)):
        return None
    return Lacking(there or "nothing", needed)


@functools.cache
def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


@functools.cache
def head() -> str:
    """The newest revision of this version."""
    return _script().get_current_head() or ""


@functools.cache
def knows(revision: str) -> bool:
    """Whether this version has that revision; a later one of it need not be known."""
    return any(one.revision == revision for one in _script().walk_revisions())
