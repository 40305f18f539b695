"""The chat run: server, people, floors; one row of figures for each size."""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import psycopg

from loom_app.cli import serve
from loom_app.cli.bench import database
from loom_app.cli.bench.process import Server, Usage
from loom_app.kit.settings import ROOT, settings

PEOPLE_PER_DRIVER = 2500
# what one machine of people may do that one person may not
LIMITS = {
    "LOOM_SOCKETS_TOTAL": "20000",
    "LOOM_HANDSHAKES_PER_10S": "20000",
    "LOOM_KNOCKS_PER_10S": "20000",
    "LOOM_SOCKETS_PER_ADDRESS": "20000",
    "LOOM_MESSAGES_PER_MINUTE": "6000",
    "LOOM_MESSAGES_BURST": "1000",
    "LOOM_FRAMES_BURST": "400",
}
SETTLE_SECONDS = 3.0


async def run(options: argparse.Namespace, url: str, people: int) -> dict[str, Any]:
    """One size: Loom first, then both floors under the same load."""
    rate = options.rate or people / 10
    load = {"rate": rate, "seconds": options.seconds, "people": people}
    loom = await _loom(options, url, load)
    short = load | {"seconds": min(10.0, options.seconds)}
    echo = await _floor(options, url, short, "echo")
    saved = await _floor(options, url, short, "insert")
    latencies = loom["latency_ms"]
    return {
        "people": people,
        "rate": rate,
        "sent": loom["sent"],
        "delivered": len(latencies),
        "p50_ms": percentile(latencies, 50),
        "p95_ms": percentile(latencies, 95),
        "p99_ms": percentile(latencies, 99),
        "max_ms": percentile(latencies, 100),
        "ack_p95_ms": percentile(loom["ack_ms"], 95),
        "ack_p99_ms": percentile(loom["ack_ms"], 99),
        "floor_echo_p99_ms": percentile(echo["latency_ms"], 99),
        "floor_db_p50_ms": percentile(saved["latency_ms"], 50),
        "floor_db_p99_ms": percentile(saved["latency_ms"], 99),
        "kb_per_connection": round((loom["full"].rss_kb - loom["empty"].rss_kb) / people, 1),
        "cpu_s_per_1000": round(loom["cpu_s"] / max(1, loom["sent"]) * 1000, 2),
    }


def percentile(ordered: list[float], which: int) -> float:
    """Nearest rank; -1 where there is nothing to rank."""
    if not ordered:
        return -1.0
    rank = max(0, -(-len(ordered) * which // 100) - 1)
    return round(ordered[rank], 2)


def server_environment(port: int, url: str) -> dict[str, str]:
    """A production server on the benchmark's database, for a whole machine of people."""
    return (
        serve.environment()
        | LIMITS
        | {
            "DATABASE_URL": database.plain_url(url),
            "LOOM_PORT": str(port),
            "LOOM_DEMO": "false",
            "LOOM_DATA_DIR": str(settings().data_dir),
        }
    )


async def _loom(options: argparse.Namespace, url: str, load: dict[str, Any]) -> dict[str, Any]:
    from loom_app.ui.chat.state import ChatState  # noqa: PLC0415 - Reflex takes a second to import

    root = ChatState.get_full_name().split(".")[0]
    environment = server_environment(options.port, url)
    names = {
        "kind": "loom",
        "boot": f"{root}.hydrate_and_load",
        "send": f"{ChatState.get_full_name()}.send",
        "look": f"{ChatState.get_full_name()}.look",
        "url": f"ws://localhost:{options.port}/_event/?EIO=4&transport=websocket&token={{token}}",
        "origin": f"http://localhost:{options.port}",
        "cookies": {
            str(n): f"loom_session={database.session_token(n)}"
            for n in range(1, load["people"] + 1)
        },
    }
    command = serve.command("127.0.0.1", options.port)
    return await _drive(options, command, environment, load | names)


async def _floor(
    options: argparse.Namespace, url: str, load: dict[str, Any], kind: str
) -> dict[str, Any]:
    with psycopg.connect(database.plain_url(url), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS floor_messages (id bigint GENERATED ALWAYS AS IDENTITY"
            " PRIMARY KEY, sender bigint NOT NULL, body text NOT NULL,"
            " sent_at timestamptz NOT NULL DEFAULT now())"
        )
    command = serve.command("127.0.0.1", options.port)
    command = [*command[: command.index("--factory")], f"loom_app.cli.bench.floors:{kind}"]
    environment = {**os.environ, "BENCH_DATABASE_URL": database.plain_url(url)}
    names = {
        "kind": kind,
        "url": f"ws://localhost:{options.port}/?me={{person}}",
        "origin": f"http://localhost:{options.port}",
        "cookies": {},
    }
    return await _drive(options, command, environment, load | names)


async def _drive(
    options: argparse.Namespace,
    command: list[str],
    environment: dict[str, str],
    orders: dict[str, Any],
) -> dict[str, Any]:
    """Start a server, let the people in, measure around the time they talk."""
    log = settings().data_dir / f"bench-{orders['kind']}.log"
    server = Server(command, environment, ROOT, log)
    drivers: list[asyncio.subprocess.Process] = []
    try:
        path = "/ping" if orders["kind"] == "loom" else "/"
        await server.answers(f"http://localhost:{options.port}{path}")
        await asyncio.sleep(SETTLE_SECONDS)
        empty = server.usage()
        drivers = await _people(orders)
        await server.calm()
        full = server.usage()
        for driver in drivers:
            await _say(driver, "go")
        answers = [json.loads(await _line(driver, server)) for driver in drivers]
        return _together(answers, empty, full, server.usage())
    finally:
        for driver in drivers:
            if driver.returncode is None:
                driver.kill()
            await driver.wait()
        server.stop()


async def _people(orders: dict[str, Any]) -> list[asyncio.subprocess.Process]:
    """Pairs stay together in one driver, so that one clock times a message."""
    everyone = range(1, orders["people"] + 1)
    groups = [
        everyone[i : i + PEOPLE_PER_DRIVER] for i in range(0, len(everyone), PEOPLE_PER_DRIVER)
    ]
    drivers = []
    for group in groups:
        driver = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "loom_app.cli.bench.driver",
            cwd=Path(ROOT),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 28,
        )
        part = orders | {"people": list(group), "rate": orders["rate"] * len(group) / len(everyone)}
        await _say(driver, json.dumps(part))
        drivers.append(driver)
    for driver in drivers:
        if (line := await _line(driver, None)) != "ready":
            raise RuntimeError(f"the people did not get in: {line}")
    return drivers


async def _say(driver: asyncio.subprocess.Process, line: str) -> None:
    assert driver.stdin is not None  # noqa: S101 - opened as a pipe
    driver.stdin.write(line.encode() + b"\n")
    await driver.stdin.drain()


async def _line(driver: asyncio.subprocess.Process, server: Server | None) -> str:
    assert driver.stdout is not None  # noqa: S101 - opened as a pipe
    line = (await driver.stdout.readline()).decode().strip()
    if not line:
        tail = server.log.read_text()[-2000:] if server else ""
        raise RuntimeError(f"a driver ended early\n{tail}")
    return line


def _together(
    answers: list[dict[str, Any]], empty: Usage, full: Usage, after: Usage
) -> dict[str, Any]:
    return {
        "sent": sum(a["sent"] for a in answers),
        "latency_ms": sorted(x for a in answers for x in a["latency_ms"]),
        "ack_ms": sorted(x for a in answers for x in a["ack_ms"]),
        "empty": empty,
        "full": full,
        "cpu_s": after.cpu_s - full.cpu_s,
    }
