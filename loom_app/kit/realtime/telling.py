"""What every process tells of itself with its beat: how full it is, and what was slow in it."""

import os
import resource
import socket
import sys

from loom_app.kit import clock, leaving, metrics, version
from loom_app.kit.db import engine
from loom_app.kit.realtime import processes
from loom_app.kit.settings import settings


def begin() -> None:
    """Once, when the process begins to serve."""
    started = clock.now().isoformat()
    told = {
        "started": lambda: started,
        "host": lambda: f"{socket.gethostname()}:{os.getpid()}",
        "pages": version.pages,
        "leaving": leaving.now,
        "memory_mb": _memory_mb,
        "sockets": metrics.sockets,
        "sockets_most": lambda: settings().sockets_total,
        "pool": engine.pool_status,
        "pool_most": lambda: 2 * settings().database_pool,
        "slow": metrics.slow_statements,
    }
    for name, teller in told.items():
        processes.tell(name, teller)


def _memory_mb() -> int:
    """The most it had, resident."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1024 * 1024 if sys.platform == "darwin" else 1024))
