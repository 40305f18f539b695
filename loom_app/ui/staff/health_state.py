"""What `/staff/health` shows, read anew every ten seconds while somebody looks."""

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.operations import certificate, health, vitals
from loom_app.kit import clock, version
from loom_app.kit.i18n import times
from loom_app.kit.realtime import signals
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.session import acting

EVERY_SECONDS = 10.0
TOPIC = "staff:health"


@dataclass(frozen=True)
class SignRow:
    """One light, in words and a tone."""

    key: str
    title: str
    tone: str
    word: str
    says: str
    rule: str
    todo: str
    href: str


@dataclass(frozen=True)
class PartRow:
    """A part of the system with its lights."""

    key: str
    title: str
    tone: str
    word: str
    signs: list[SignRow]


@dataclass(frozen=True)
class TableRow:
    """A large table."""

    name: str
    size: str
    rows: str
    indexed: str


@dataclass(frozen=True)
class SlowRow:
    """A slow statement."""

    text: str
    times: str
    most: str
    last: str


@dataclass(frozen=True)
class ProcessRow:
    """One that serves."""

    id: str
    host: str
    up: str
    pages: str
    pool: str
    memory: str
    version: str


class HealthState(rx.State):
    """For staff who may see it; queries say no to all others."""

    loaded: bool = False
    tone: str = "plain"
    summary: str = ""
    at: str = ""
    version: str = ""
    parts: list[PartRow] = []
    tables: list[TableRow] = []
    unused: list[TableRow] = []
    slow: list[SlowRow] = []
    processes: list[ProcessRow] = []

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (_, me):
            if not me.may("health.see"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, [TOPIC], "_fill")
        await self._fill()
        return None

    async def _fill(self, _signal: signals.Signal | None = None) -> None:
        ends = await certificate.ends_at()  # before the transaction: it asks over the network
        async with acting(self) as (tx, me):
            found = await vitals.read(tx, me)
            now = clock.now()
            parts = health.parts(now, found, ends)
            self.parts = [_part(one) for one in parts]
            self.tables = [_table(one) for one in found.tables]
            self.unused = [
                TableRow(name, health.size_words(size), "", "") for name, size in found.unused
            ]
            self.slow = [_slow(one) for one in health.slow_statements(found)]
            self.processes = [_process(one) for one in found.processes]
            self.at = times.clock_time(now, me.zone)
            self.version = version.pages()
            self._sum_up(parts)
            self.loaded = True

    def _sum_up(self, parts: list[health.Part]) -> None:
        lights = [sign.level for part in parts for sign in part.signs]
        bad, warn = lights.count("bad"), lights.count("warn")
        self.tone = "bad" if bad else "warn" if warn else "good"
        if bad:
            self.summary = tn(
                "{n} light is red. What to do stands beside it.",
                "{n} lights are red. What to do stands beside each.",
                bad,
            )
        elif warn:
            self.summary = tn(
                "Nothing is red. {n} light is amber.", "Nothing is red. {n} lights are amber.", warn
            )
        else:
            self.summary = t("Everything is well.")


def _word(level: health.Level) -> str:
    words = {"good": t("Green"), "warn": t("Amber"), "bad": t("Red"), "plain": t("Figure")}
    return words[level]


def _part(one: health.Part) -> PartRow:
    signs = [
        SignRow(
            sign.key,
            sign.title,
            sign.level,
            _word(sign.level),
            sign.says,
            sign.rule,
            sign.todo,
            sign.href,
        )
        for sign in one.signs
    ]
    return PartRow(one.key, one.title, one.level, _word(one.level), signs)


def _table(one: vitals.TableSize) -> TableRow:
    share = f"{round(100 * one.by_index / one.scans)} %" if one.scans else "–"
    return TableRow(one.name, health.size_words(one.bytes), f"{one.rows:,}", share)


def _slow(one: health.Slow) -> SlowRow:
    return SlowRow(
        one.text, str(one.times), health.length_words(one.most_ms / 1000), times.ago(one.last)
    )


def _process(one: vitals.Process) -> ProcessRow:
    facts = one.facts
    pool = facts.get("pool", {})
    return ProcessRow(
        id=one.id,
        host=str(facts.get("host", one.id)) + (t(" (leaving)") if facts.get("leaving") else ""),
        up=times.ago(times.instant(facts["started"])) if facts.get("started") else "–",
        pages=str(facts.get("sockets", 0)),
        pool=f"{pool.get('used', 0)} / {facts.get('pool_most', 0)}",
        memory=f"{facts.get('memory_mb', 0)} MB",
        version=str(facts.get("pages", "")) or "–",
    )


async def keep_telling() -> None:
    """Tell the tabs of this process that look, which then read anew; with none it is nothing."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        signals.deliver([signals.Signal(TOPIC)])
