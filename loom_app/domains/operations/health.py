"""Is Loom well? Figures judged by written rules; what is not green says what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from loom_app.domains.operations.vitals import Process, Vitals
from loom_app.kit.db import migrate
from loom_app.kit.i18n import times
from loom_app.kit.settings import settings
from loom_app.kit.text import t, tn

Level = Literal["good", "warn", "bad", "plain"]
WORST: tuple[Level, ...] = ("bad", "warn", "good", "plain")
MANY_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Sign:
    """One light. `says` is the figure, `rule` when it is not green, `todo` what then helps and ""
    while it is, `href` where. "plain" is a figure without a judgement."""

    key: str
    title: str
    level: Level
    says: str
    rule: str
    todo: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Signs of one part of the system."""

    key: str
    title: str
    signs: list[Sign]

    @property
    def level(self) -> Level:
        """The worst of its lights."""
        shown = {sign.level for sign in self.signs}
        return next(one for one in WORST if one in shown or one == WORST[-1])


@dataclass(frozen=True, slots=True)
class Slow:
    """A statement that was slow in some process since it began."""

    text: str
    times: int
    most_ms: int
    total_ms: int
    last: datetime


def parts(now: datetime, found: Vitals, certificate: datetime | None) -> list[Part]:
    """All lights, the parts in the order of the page."""
    return [
        Part("database", t("Database"), list(_database(now, found))),
        Part("work", t("Work and mail"), list(_work(found))),
        Part("processes", t("Processes and people connected"), list(_processes(found))),
        Part(
            "machine", t("Machine, certificate and backup"), list(_machine(now, found, certificate))
        ),
        Part("people", t("Second factors"), list(_factors(found))),
    ]


def _light(  # noqa: PLR0913 - a light has these parts
    key: str, title: str, says: str, rule: str, todo: str, *, warn: bool, bad: bool, href: str = ""
) -> Sign:
    level: Level = "bad" if bad else "warn" if warn else "good"
    unwell = level != "good"
    return Sign(key, title, level, says, rule, todo if unwell else "", href if unwell else "")


def size_words(number: float) -> str:
    """Bytes as people say them: 12 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if number >= 10 or unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def length_words(seconds: float) -> str:
    """How long something takes or took."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return tn("{n} minute", "{n} minutes", round(seconds / 60))
    return tn("{n} hour", "{n} hours", round(seconds / 3600))


def _database(now: datetime, found: Vitals) -> Iterator[Sign]:
    yield _light(
        "answer",
        t("Answers"),
        t("in {time}", time=length_words(found.answer_ms / 1000)),
        t("Amber from 100 ms, red from 1 s."),
        t("Look at the processor and disk of the database's machine, and at long transactions."),
        warn=found.answer_ms >= 100,
        bad=found.answer_ms >= 1000,
    )
    yield Sign("size", t("Size"), "plain", size_words(found.size), t("A figure, no judgement."))
    bound = not found.bare and not found.passes
    yield _light(
        "rows",
        t("Row-level security"),
        t("on for every table, and for this process") if bound else _unbound(found),
        t("Red where one table has none, or the process's role is not bound by it."),
        t("Stop Loom: somebody could see what is not theirs. Check role and migrations."),
        warn=False,
        bad=not bound,
    )
    yield from _sessions(found)
    yield _slow_sign(now, found)
    yield from _tables(found)
    yield _version(found)


def _unbound(found: Vitals) -> str:
    if found.passes:
        return t("this process's role passes it")
    return t("off for {tables}", tables=", ".join(found.bare))


def _sessions(found: Vitals) -> Iterator[Sign]:
    waiting = max(found.waits, default=0.0)
    hidden = tn(
        " ({n} session cannot be seen)", " ({n} sessions cannot be seen)", found.hidden
    ) if found.hidden else ""  # fmt: skip
    yield _light(
        "locks",
        t("Waiting for locks"),
        tn("{n} session", "{n} sessions", len(found.waits)) + hidden,
        t("Amber when one waits, red when its transaction is 30 s old."),
        t("Somebody holds a row for long: find the longest transaction and end it."),
        warn=bool(found.waits),
        bad=waiting >= 30,
    )
    yield _light(
        "longest",
        t("Longest transaction"),
        length_words(found.longest) + hidden,
        t("Amber from 1 minute, red from 10: old rows cannot be cleared away meanwhile."),
        t("Backups take long, and are fine. Else find it in pg_stat_activity and end it."),
        warn=found.longest >= 60,
        bad=found.longest >= 600,
    )
    used = max((_pool(one) for one in found.processes), default=0.0)
    yield _light(
        "pool",
        t("Connections in use"),
        t("{percent} % in the fullest process", percent=round(used * 100)),
        t("Amber from 80 %, red when all are in use."),
        t("Raise LOOM_DATABASE_POOL if the database allows, or look at slow statements."),
        warn=used >= 0.8,
        bad=used >= 1,
    )


def _pool(process: Process) -> float:
    return process.facts.get("pool", {}).get("used", 0) / (process.facts.get("pool_most") or 1)


def slow_statements(found: Vitals, *, most: int = 10) -> list[Slow]:
    """Of all processes together, those first that took most time in all."""
    merged: dict[str, Slow] = {}
    for one in (told for process in found.processes for told in process.facts.get("slow", ())):
        known = merged.get(one["text"])
        last = datetime.fromtimestamp(one["last"], tz=None).astimezone()
        merged[one["text"]] = Slow(
            one["text"],
            one["times"] + (known.times if known else 0),
            max(one["most_ms"], known.most_ms if known else 0),
            one["total_ms"] + (known.total_ms if known else 0),
            max(last, known.last) if known else last,
        )
    return sorted(merged.values(), key=lambda one: -one.total_ms)[:most]


def _slow_sign(now: datetime, found: Vitals) -> Sign:
    recent = [
        one for one in slow_statements(found, most=100) if now - one.last < timedelta(hours=1)
    ]
    most = max((one.most_ms for one in recent), default=0)
    return _light(
        "slow",
        t("Slow statements"),
        tn("{n} in the last hour", "{n} in the last hour", len(recent)),
        t(
            "Amber when one took {ms} ms or longer in the last hour, red when one took 5 s.",
            ms=settings().slow_statement_ms,
        ),
        t("The list below has their text. See its plan with EXPLAIN; an index may be missing."),
        warn=bool(recent),
        bad=most >= 5000,
    )


def _tables(found: Vitals) -> Iterator[Sign]:
    whole = [
        one.name
        for one in found.tables
        if one.rows >= MANY_ROWS and one.scans >= 100 and one.by_index < one.scans / 2
    ]
    yield _light(
        "indexes",
        t("Large tables read by index"),
        t("all of them") if not whole else t("not {tables}", tables=", ".join(whole)),
        t("Amber when a table of 100,000 rows or more is read whole in half of the cases."),
        t("Find the statement in the list of slow ones, and give it an index."),
        warn=bool(whole),
        bad=False,
    )
    loose = [one.name for one in found.tables if one.dead > 10_000 and one.dead > one.rows / 5]
    yield _light(
        "dead",
        t("Old rows cleared away"),
        t("in all large tables") if not loose else t("not in {tables}", tables=", ".join(loose)),
        t("Amber when a table has a fifth of dead rows, and more than 10,000."),
        t("Check that autovacuum runs, and that no transaction is old."),
        warn=bool(loose),
        bad=False,
    )


def _version(found: Vitals) -> Sign:
    needed, known = migrate.head(), migrate.knows(found.revision)
    says = t("migration {number}", number=found.revision)
    if found.revision != needed:
        says = t("migration {there}, this process is of {ours}", there=found.revision, ours=needed)
    return _light(
        "version",
        t("Version of the database"),
        says,
        t("Red when the database is older than this process, amber when it is newer."),
        t("Older: run the migrate step. Newer: an upgrade is under way, or this process was left."),
        warn=found.revision != needed,
        bad=found.revision != needed and known,
    )


def _work(found: Vitals) -> Iterator[Sign]:
    yield _light(
        "due",
        t("Work that is due"),
        t("{n}, the oldest for {time}", n=found.due, time=length_words(found.oldest)),
        t("Amber when something is due for a minute, red for ten."),
        t("See in a process's log which jobs fail. They are tried again by themselves."),
        warn=found.oldest >= 60,
        bad=found.oldest >= 600,
    )
    yield _light(
        "failed",
        t("Work that was given up"),
        str(found.failed_jobs),
        t("Red when there is any: each was tried twelve times."),
        t("Read why, mend it, and try the work again or drop it."),
        warn=False,
        bad=found.failed_jobs > 0,
        href="/admin/jobs/list",
    )
    yield _light(
        "mails",
        t("Notifications that failed"),
        t("{n}; {sent} mails went out in a day", n=found.failed_mails, sent=found.mails_sent),
        t("Amber when there is any, red from ten."),
        t("Test mail under Services outside, then send them again."),
        warn=found.failed_mails > 0,
        bad=found.failed_mails >= 10,
        href="/admin/deliveries/list",
    )
    yield _light(
        "webhooks",
        t("What Stripe told and is not done"),
        t(
            "{n}, the oldest for {time}",
            n=found.events_waiting,
            time=length_words(found.events_oldest),
        ),
        t("Amber when one waits for 10 minutes, red for 6 hours."),
        t("Read what is wrong with it and handle it again."),
        warn=found.events_oldest >= 600,
        bad=found.events_oldest >= 6 * 3600,
        href="/admin/webhooks/list",
    )


def _processes(found: Vitals) -> Iterator[Sign]:
    built = {one.facts.get("pages", "") for one in found.processes}
    yield _light(
        "versions",
        t("Processes"),
        tn("{n} process", "{n} processes", len(found.processes)),
        t("Amber when they are of different versions, red when none tells that it lives."),
        t("Normal during an upgrade. Else restart the older ones."),
        warn=len(built) > 1,
        bad=not found.processes,
    )
    sockets = sum(int(one.facts.get("sockets", 0)) for one in found.processes)
    fullest = max((_fullness(one.facts) for one in found.processes), default=0.0)
    yield _light(
        "sockets",
        t("Open pages"),
        t("{n}; the fullest process is at {percent} %", n=sockets, percent=round(fullest * 100)),
        t("Amber from 70 % of LOOM_SOCKETS_TOTAL in one process, red from 90 %."),
        t("Add a process, or raise LOOM_SOCKETS_TOTAL if memory allows."),
        warn=fullest >= 0.7,
        bad=fullest >= 0.9,
    )


def _fullness(facts: dict[str, Any]) -> float:
    return int(facts.get("sockets", 0)) / (facts.get("sockets_most") or 1)


def _machine(now: datetime, found: Vitals, certificate: datetime | None) -> Iterator[Sign]:
    free = found.disk_free / max(1, found.disk_size)
    yield _light(
        "disk",
        t("Disk of the files"),
        t("{free} free, {percent} %", free=size_words(found.disk_free), percent=round(free * 100)),
        t("Amber below 20 % free, red below 10 %: where LOOM_DATA_DIR is, on this machine."),
        t("Make room or take a larger disk: without room nobody can bring files, and embedded"
          " databases stop."),
        warn=free < 0.2,
        bad=free < 0.1,
    )  # fmt: skip
    yield _certificate(now, certificate)
    age = now - found.backup_at if found.backup_at else None
    yield _light(
        "backup",
        t("Last backup"),
        times.ago(found.backup_at) if found.backup_at else t("none is known"),
        t("Amber after 26 hours or when none is known, red after 3 days. Other ways are not seen."),
        t("Run the backup command once a day, and try a restore once a month."),
        warn=age is None or age > timedelta(hours=26),
        bad=age is not None and age > timedelta(days=3),
    )


def _certificate(now: datetime, ends: datetime | None) -> Sign:
    title, rule = t("Certificate"), t("Amber from 21 days before its end, red from 7.")
    if not settings().https:
        return Sign("certificate", title, "plain", t("Loom is served without TLS here"), rule)
    if ends is None:
        todo = t("This process cannot reach the public address, so the certificate is not known.")
        return Sign("certificate", title, "warn", t("not known"), rule, todo)
    return _of_certificate(now, ends)


def _of_certificate(now: datetime, ends: datetime) -> Sign:
    left = (ends - now).days
    return _light(
        "certificate",
        t("Certificate"),
        tn("{n} day left", "{n} days left", left),
        t("Amber from 21 days before its end, red from 7."),
        t("The proxy should have taken a new one. Read its log."),
        warn=left < 21,
        bad=left < 7,
    )


def _factors(found: Vitals) -> Iterator[Sign]:
    have, many = found.staff_factors
    yield _light(
        "staff_factors",
        t("Staff"),
        t("{have} of {all} have one", have=have, all=many),
        t("Red while somebody of staff has none: until then they may do nothing."),
        t("Ask them to set it up under Settings, Security; or end their role."),
        warn=False,
        bad=have < many,
        href="/staff/roles",
    )
    have, many = found.coach_factors
    yield _light(
        "coach_factors",
        t("Coaches"),
        t("{have} of {all} have one", have=have, all=many),
        t("Amber while fewer than half of them have one. It is their choice."),
        t("Tell coaches what it is for: money and clients' words behind one password."),
        warn=have * 2 < many,
        bad=False,
    )
