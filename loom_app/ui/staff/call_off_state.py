"""`/staff/call-off/<person>`: all that somebody has coming, called off at once."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.queries import (
    CallOffLine,
    CallOffPage,
    CallOffView,
    PartView,
)
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, NotFound
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


class AllOffForm(TypedDict):
    reason: str
    words: str


@dataclass(frozen=True)
class ComingRow:
    """A session to come, by which rule it is called off, and what each client gets."""

    id: int
    title: str
    when: str
    who: str
    rule: str
    words: str
    href: str


@dataclass(frozen=True)
class PartRow:
    """A session that was called off, or is about to be."""

    id: int
    title: str
    when: str
    state: str
    tone: str
    back: str
    href: str


class CallOffState(Problems, rx.State):
    """For who may: others are led away, and every action says no to them."""

    loaded: bool = False
    missing: bool = False
    name: str = ""
    suspended: bool = False
    rows: list[ComingRow] = []
    total: str = ""
    parts: list[PartRow] = []
    last: str = ""
    progress: str = ""
    running: bool = False
    asking: bool = False
    working: bool = False
    _seen: list[int] = []

    @rx.event
    async def load(self) -> Any:
        self.loaded, self.missing, self.asking, self.working = False, False, False, False
        async with acting(self, on_problem=self._gone) as (tx, me):
            if not me.may("sessions.override"):
                return rx.redirect("/sessions", replace=True)
            number = self._id()
            topics = [actions.call_off_topic(number), f"person:{number}:sessions"]
            live.watch(self, topics, "_changed", calm=0.3)
            self._show(await queries.look_at_call_off(tx, me, number), me)
        return None

    def _id(self) -> int:
        return addresses.last_number(self.router.url.path)

    def _gone(self, problem: DomainError) -> None:
        self.missing, self.loaded = isinstance(problem, NotFound), True
        self.name, self.rows, self.parts, self.total = "", [], [], ""

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self, on_problem=self._gone) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self._show(await queries.call_off_page(tx, me, self._id()), me)

    def _show(self, found: CallOffPage, me: Actor) -> None:
        self.name, self.suspended = found.person.name, found.suspended
        self.rows = [_coming(one, me.zone) for one in found.lines]
        self._seen = [one.session_id for one in found.lines]
        self.total = _total(found)
        self._tell(found.last, me.zone)
        self.loaded = True

    def _tell(self, last: CallOffView | None, zone: str) -> None:
        """How far it is, or how it went."""
        self.parts = [_part(one, zone) for one in last.parts] if last else []
        self.running = last is not None and not last.done
        self.last, self.progress = "", ""
        if last is None:
            return
        when = times.when(last.at, zone)
        self.last = t("{name}, {when}: “{why}”", name=last.by, when=when, why=last.reason)
        done = sum(one.result != "waiting" for one in last.parts)
        off = sum(one.result == "cancelled" for one in last.parts)
        whole = len(last.parts)
        self.progress = (
            t("{done} of {whole} are done. You can leave this page.", done=done, whole=whole)
            if self.running
            else t("{off} of {whole} were cancelled by it.", off=off, whole=whole)
        )

    @rx.event
    def ask(self) -> None:
        """Open the question; what is shown now is what would be cancelled."""
        self.asking, self.errors = True, {}

    @rx.event
    def turn(self, opened: bool) -> None:
        if not opened:
            self.asking, self.errors = False, {}

    @rx.event
    async def call_off(self, form: AllOffForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            seen, why, words = list(self._seen), form["reason"], form["words"]
            await actions.call_off_all(tx, me, self._id(), seen, reason=why, words=words)
            self.asking = False
            await self._fill(tx, me)
            await say(self, t("They are being cancelled, one after the other."))


def _coming(one: CallOffLine, zone: str) -> ComingRow:
    if one.coaching:
        rule = t("As coach: everything goes back")
    else:
        rule = t("As client: the policy of the booking holds")
    return ComingRow(
        id=one.session_id,
        title=one.title,
        when=times.time_range(one.starts_at, one.ends_at, zone),
        who=t("with {names}", names=one.others),
        rule=rule,
        words=" ".join(one.words),
        href=f"/staff/sessions/{one.session_id}",
    )


def _total(found: CallOffPage) -> str:
    """What goes back in all, each currency by itself."""
    sums: dict[str, list[Money]] = {}
    for one in found.lines:
        sums.setdefault(one.back.currency, []).append(one.back)
    words = [reduce(lambda a, b: a + b, some).format() for some in sums.values()]
    many = tn("{n} session", "{n} sessions", len(found.lines))
    return t("{many}, {money} goes back", many=many, money=", ".join(words)) if words else ""


def _part(one: PartView, zone: str) -> PartRow:
    state, tone = {
        "waiting": (t("Waits"), "plain"),
        "cancelled": (t("Cancelled"), "good"),
        "before": (t("Was cancelled before"), "plain"),
        "refused": (one.problem or t("Could not be cancelled"), "bad"),
    }[one.result]
    nothing = t("Nothing went back") if one.result == "cancelled" else ""
    return PartRow(
        id=one.session_id,
        title=one.title,
        when=times.when(one.starts_at, zone),
        state=state,
        tone=tone,
        back=t("{money} went back", money=one.back.format()) if one.back else nothing,
        href=f"/staff/sessions/{one.session_id}",
    )
