"""Every table is bound by row-level security, and every foreign key has its index."""

import pytest
from alembic import command
from alembic.util.exc import CommandError
from sqlalchemy import create_engine, make_url, text

from loom_app.kit.db.migrate import config


@pytest.fixture
def owner(database):
    engine = create_engine(database)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_every_table_has_policies_and_they_are_on(owner):
    bare = owner.scalars(
        text(
            """
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
              AND c.relname <> 'alembic_version'
              AND NOT (c.relrowsecurity AND EXISTS (
                SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
            """
        )
    ).all()
    assert bare == []


def test_every_foreign_key_has_an_index_that_begins_with_it(owner):
    missing = owner.scalars(
        text(
            """
            SELECT format('%s.%s', f.conrelid::regclass, a.attname)
            FROM pg_constraint f
            JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
            WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace AND NOT EXISTS (
              SELECT 1 FROM pg_index i
              WHERE i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1])
            """
        )
    ).all()
    assert missing == []


def test_money_and_the_trail_cannot_be_changed_by_the_app(owner):
    granted = owner.execute(
        text(
            """
            SELECT table_name, privilege_type FROM information_schema.role_table_grants
            WHERE grantee = 'loom_app' AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
              AND table_name IN ('ledger_transactions', 'ledger_entries', 'audit_entries')
            """
        )
    ).all()
    assert granted == []


def test_models_and_migrations_agree(database):
    made = config(database)
    try:
        command.check(made)
    except CommandError as difference:
        pytest.fail(str(difference))


def test_migrations_go_down_and_up_again(server_url):
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS migrating WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE migrating"))
    made = config(make_url(server_url).set(database="migrating").render_as_string(False))
    command.upgrade(made, "head")
    command.downgrade(made, "base")
    command.upgrade(made, "head")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE migrating WITH (FORCE)"))
    admin.dispose()
