"""Several processes may start at once on a database that is still empty."""

import os
import subprocess
import sys

from sqlalchemy import create_engine, make_url, text

from loom_app.kit.settings import ROOT


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
