"""Several processes may start at once on a database that is still empty."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from loom_app.kit.db.migrate import behind
from loom_app.kit.settings import ROOT
from tests.roles import make_roles


def test_two_first_starts_at_once_migrate_one_after_the_other(server_url):
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS starting WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE starting"))
    url = make_url(server_url).set(database="starting").render_as_string(hide_password=False)
    env = {**os.environ, "DATABASE_URL": "postgresql://" + url.partition("://")[2]}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "loom_app.cli", "migrate"],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=100)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    made = create_engine(url)
    with made.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    made.dispose()
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE starting WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def owned(server_url):
    """An empty database as `deploy/` makes one; its address as its owner."""
    make_roles(server_url)
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS owned WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE owned OWNER loom_owner"))
        yield make_url(server_url).set(database="owned", username="loom_owner")
        connection.execute(text("DROP DATABASE owned WITH (FORCE)"))
    admin.dispose()


def loom(command, url):
    env = {**os.environ, "LOOM_MIGRATE": "false"}
    plain = url.render_as_string(hide_password=False)
    env["DATABASE_URL"] = "postgresql://" + plain.partition("://")[2]
    words = [sys.executable, "-m", "loom_app.cli", command]
    return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, timeout=100, check=False)


def test_the_owner_migrates_and_who_serves_owns_nothing(owned):
    """Nobody is a superuser, and a process that is too new for its database says so."""
    server = owned.set(username="loom_server")
    early = loom("serve", server)
    assert early.returncode == 1
    assert b"at migration nothing" in early.stderr
    assert b"loom_app.cli migrate" in early.stderr
    done = loom("migrate", owned)
    assert done.returncode == 0, done.stderr
    assert behind(server.render_as_string(hide_password=False)) is None
    engine = create_engine(server)
    with engine.connect() as connection:
        mine = "SELECT count(*) FROM pg_class WHERE relowner = 'loom_server'::regrole"
        assert connection.scalar(text(mine)) == 0
        passes = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert connection.scalar(text(passes)) is False
    with engine.connect() as connection, pytest.raises(ProgrammingError):
        connection.execute(text("CREATE TABLE mine (id int)"))
    engine.dispose()
