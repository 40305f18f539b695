"""`bench`: measure a production server from outside, beside the floors of the machine it runs on.

    python -m loom_app.cli bench [--people 100,1000] [--rate N] [--seconds N] [--out FILE]
                                 [--only chat,slots,sessions,...]

The server, the floors and the people each run in processes of their own, the data in a database of
its own. Figures go to the terminal, and as JSON to `--out`; later parts add keys beside these.
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

PARTS: tuple[str, ...] = (
    "chat",
    "live",
    "search",
    "slots",
    "directory",
    "earnings",
    "race",
    "sessions",
    "bundle",
)


def main(argv: list[str]) -> int:
    """Returns 1 where messages were lost, a slot was sold twice, or a page is over its budget."""
    options = _options(argv)
    parts = options.only.split(",") if options.only else list(PARTS)
    figures = asyncio.run(_measure(options, parts))
    if options.out:
        Path(options.out).write_text(json.dumps(figures, indent=1) + "\n")
    lost = any(row["delivered"] < row["sent"] for row in figures.get("chat", ()))
    race = figures.get("race", {"won": 1, "errors": 0})
    heavy = figures.get("over_budget", [])
    return int(lost or race["won"] != 1 or race["errors"] > 0 or bool(heavy))


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the server.")
    parser.add_argument("--people", default="100,1000", help="sizes, up to 10000")
    parser.add_argument("--rate", type=float, default=0.0, help="messages/s; 0: people / 10")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each chat run")
    parser.add_argument("--port", type=int, default=8290)
    parser.add_argument("--out", default="", help="write the figures as JSON")
    parser.add_argument("--only", default="", help=",".join(PARTS))
    parser.add_argument("--no-build", action="store_true", help="take the bundle as it is")
    return parser.parse_args(argv)


async def _measure(options: argparse.Namespace, parts: list[str]) -> dict[str, Any]:
    # heavy modules only now: the driver's processes import this package, too
    from loom_app.cli.bench import chat, database, live, reads, search  # noqa: PLC0415

    _build(options)
    figures: dict[str, Any] = {}
    if parts == ["bundle"]:  # what pages weigh needs no server and no data
        return _weigh(figures)
    sizes = [int(part) for part in options.people.split(",")]
    url = database.prepare(people=max(*sizes, live.PEOPLE))
    try:
        if "chat" in parts:
            figures["chat"] = []
            for size in sizes:
                row = await chat.run(options, url, size)
                figures["chat"].append(row)
                _print_chat(row)
        if "live" in parts:
            figures["live"] = await live.run(options, url)
        if "search" in parts:
            figures |= await search.run(url)
        if {"slots", "directory", "earnings", "race", "sessions"} & set(parts):
            figures |= await reads.run(url, parts)
    finally:
        database.drop()
    if "bundle" in parts:
        return _weigh(figures)
    _print_rest(figures)
    return figures


def _build(options: argparse.Namespace) -> None:
    from loom_app.cli import build  # noqa: PLC0415

    if not options.no_build and build.main([]):
        raise SystemExit(1)


def _weigh(figures: dict[str, Any]) -> dict[str, Any]:
    from loom_app.cli.bench import bundle  # noqa: PLC0415

    figures["bundle_gzip_kb"] = bundle.sizes()
    figures["fonts_kb"] = bundle.fonts()
    figures["over_budget"] = bundle.over(figures["bundle_gzip_kb"], figures["fonts_kb"])
    _print_rest(figures)
    return figures


def _print_chat(row: dict[str, Any]) -> None:
    print(
        f"\nchat, {row['people']} people, {row['rate']:g} messages/s\n"
        f"  delivered            {row['delivered']} of {row['sent']}\n"
        f"  send to other socket p50 {row['p50_ms']}  p95 {row['p95_ms']}"
        f"  p99 {row['p99_ms']}  max {row['max_ms']} ms\n"
        f"  send to own answer   p95 {row['ack_p95_ms']}  p99 {row['ack_p99_ms']} ms\n"
        f"  floor: bare echo     p99 {row['floor_echo_p99_ms']} ms\n"
        f"  floor: insert+fanout p50 {row['floor_db_p50_ms']}  p99 {row['floor_db_p99_ms']} ms\n"
        f"  memory               {row['kb_per_connection']} KB per connection\n"
        f"  server CPU           {row['cpu_s_per_1000']} s per 1,000 messages",
        flush=True,
    )


def _print_rest(figures: dict[str, Any]) -> None:
    for name, value in figures.get("live", {}).items():
        print(f"{name:<26} {value}")
    for name, value in figures.get("search_ms", {}).items():
        print(f"search: {name:<26} {value}")
    for name, found in figures.items():
        if name in {"slots_rule_ms", "slots_month_ms", "earnings_ms", "race"} or name.startswith(
            "directory_"
        ):
            words = "  ".join(f"{key} {value}" for key, value in found.items())
            print(f"\n{name:<20} {words}")
    for name, found in figures.get("sessions_ms", {}).items():
        print(f"sessions: {name:<26} {'  '.join(f'{key} {value}' for key, value in found.items())}")
    for path, size in figures.get("bundle_gzip_kb", {}).items():
        print(f"{path:<34} {size['js']:>7} KB js  {size['css']:>6} KB css")
    for words in figures.get("over_budget", []):
        print(f"over budget: {words}")
