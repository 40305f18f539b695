"""Bring a database to the newest migration, as its owner."""

from alembic import command
from alembic.config import Config

from loom_app.kit.db.engine import one_at_a_time
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
