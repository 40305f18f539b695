"""Alembic's environment: as the owner, against the database of the settings or a given one."""

import importlib
import pkgutil

from alembic import context

import loom_app.domains
import loom_app.integrations.mail.mailbox
import loom_app.kit.audit
import loom_app.kit.jobs.models
import loom_app.kit.outside
import loom_app.kit.realtime.models
import loom_app.kit.security.counters
from loom_app.kit.db.base import metadata
from loom_app.kit.db.engine import owner_engine

for package in pkgutil.iter_modules(loom_app.domains.__path__):
    name = f"loom_app.domains.{package.name}.models"
    if importlib.util.find_spec(name):
        importlib.import_module(name)


def include_name(name: str | None, type_: str, _parents: object) -> bool:
    """The sandbox plays an outside company; its schema is no part of Loom's models."""
    return not (type_ == "schema" and name == "stripe_sandbox")


def run() -> None:
    engine = owner_engine(context.config.attributes.get("url"))
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata(),
            compare_type=True,
            include_name=include_name,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
