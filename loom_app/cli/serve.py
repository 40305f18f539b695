"""`serve`: everything a start needs, then granian in front of the production build.

granian is started directly and not by `reflex run`, which cannot set its limits. Several may serve
one database behind a balancer; `--bind` is where this one listens, LOOM_PORT what people open.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

from loom_app.cli import build
from loom_app.kit.db.engine import database_url, one_at_a_time
from loom_app.kit.db.migrate import behind, migrate
from loom_app.kit.settings import ROOT, settings

WANTED_FILES = 4096
KILL_SECONDS = 20


def main(argv: list[str]) -> int:
    chosen = settings()
    parser = argparse.ArgumentParser(prog="loom serve")
    parser.add_argument("--bind", metavar="HOST:PORT", default=f"{chosen.host}:{chosen.port}")
    host, _, port = parser.parse_args(argv).bind.rpartition(":")
    _raise_file_limit(chosen.sockets_total)
    database_url()  # an embedded server belongs to this process, so that it outlives the workers
    if chosen.migrate:
        migrate()
    elif lacking := behind():
        print(
            f"The database is at migration {lacking.there}, and this version needs"
            f" {lacking.needed}. Since LOOM_MIGRATE is false, run"
            " `python -m loom_app.cli migrate` first.",
            file=sys.stderr,
        )
        return 1
    if chosen.demo and not chosen.production:
        from loom_app.cli import seed  # noqa: PLC0415 - never imported in production

        with one_at_a_time("seed"):
            seed.main(["--scale", "demo"])
    if failed := build.main([]):
        return failed
    if not chosen.production:
        _greet(chosen.base_url)
    return run(command(host, int(port)), environment())


def run(arguments: list[str], env: dict[str, str]) -> int:
    """Run until it ends; being told to stop is passed on, and waited for."""
    with subprocess.Popen(arguments, cwd=ROOT, env=env) as process:  # noqa: S603
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: process.terminate())
        return process.wait()


def command(host: str, port: int) -> list[str]:
    """granian with limits: slow headers cut, a bounded queue, one worker that holds the states."""
    granian = str(Path(sys.executable).parent / "granian")
    options = "--interface asgi --loop uvloop --workers 1 --backlog 512 --backpressure 256"
    return [
        granian,
        *options.split(),
        *("--http1-header-read-timeout", "3000"),
        *("--workers-kill-timeout", str(int(KILL_SECONDS + settings().drain_seconds))),
        *("--host", host, "--port", str(port)),
        *("--factory", "loom_app.loom_app:app"),
    ]


def environment() -> dict[str, str]:
    """Reflex's own names for: serve what is built, compile nothing."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {
        **os.environ,
        "PATH": path,
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        "REFLEX_SOCKET_INTERVAL": "10",
        "REFLEX_SOCKET_TIMEOUT": "15",
    }


def _raise_file_limit(sockets: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, max(WANTED_FILES, sockets + 1000))
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < sockets:
        print(
            f"Note: this machine allows {wanted} open files, so at most that many people can be"
            f" connected (LOOM_SOCKETS_TOTAL is {sockets}). Raise it with `ulimit -n`."
        )


def _greet(address: str) -> None:
    print(
        f"\n  Loom runs at {address}\n"
        f"  Mail it sends  {address}/dev/mail\n\n"
        "  Demo sign-ins, password loom-demo-please\n"
        "    coach   ada@loom.test\n"
        "    client  ben@loom.test\n"
        f"    staff   sam@loom.test  code: {address}/dev/code\n\n"
        "  Stop with Ctrl+C\n",
        flush=True,
    )
