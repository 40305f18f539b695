"""The audit trail for who may read it: what is asked for stands in the address."""

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.queries import FlagView, TrailEntry
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, minding

PAGE = "/staff/audit"
KEYS = ("actor", "verb", "subject", "address", "from", "to")
MOST = 1000


@dataclass(frozen=True)
class Difference:
    """One thing that changed: what was, and what is."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class EntryRow:
    id: int
    verb: str
    who: str
    about: str
    when: str
    where: str
    agent: str
    reason: str
    place: str
    differences: list[Difference]


@dataclass(frozen=True)
class FlagRow:
    id: int
    words: str
    about: str
    when: str
    href: str


class AskForm(TypedDict, total=False):
    actor: str
    verb: str
    subject: str
    address: str


class AuditState(Problems, rx.State):
    """Others are led away, and every query says no to them."""

    loaded: bool = False
    rows: list[EntryRow] = []
    flags: list[FlagRow] = []
    asked: dict[str, str] = {}
    chain: str = ""
    verdict: str = ""
    broken: bool = False
    checking: bool = False
    may_export: bool = False
    more: bool = False
    busy: bool = False
    form_key: int = 0

    @rx.var
    def csv_href(self) -> str:
        return f"{PAGE}/export.csv?{urlencode(self.asked)}"

    @rx.var
    def json_href(self) -> str:
        return f"{PAGE}/export.jsonl?{urlencode(self.asked)}"

    @rx.event
    async def load(self) -> Any:
        query = dict(self.router.url.query_parameters)
        self.asked = {key: query[key].strip()[:200] for key in KEYS if query.get(key, "").strip()}
        self.rows, self.busy, self.form_key = [], False, self.form_key + 1
        self.verdict, self.checking = "", False
        async with acting(self, limit="page") as (tx, me):
            if not me.may("audit.read"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, ["staff:audit"], "_changed", calm=0.5)
            await self._fill(tx, me)
            self.may_export, self.loaded = me.may("audit.export"), True
        return None

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self, on_problem=lambda _: self._empty()) as (tx, me):
            await self._flags(tx, me)

    def _empty(self) -> None:
        self.rows, self.flags, self.chain, self.verdict = [], [], "", ""

    async def _flags(self, tx: Tx, me: Actor) -> None:
        self.flags = [_flag(one, me.zone) for one in await queries.open_flags(tx, me)]

    async def _fill(self, tx: Tx, me: Actor) -> None:
        await self._flags(tx, me)
        state = await queries.chain_state(tx, me)
        sealed = times.ago(state.sealed_at) if state.sealed_at else t("never")
        self.chain = t(
            "{n} entries are sealed, the last {when}; {waiting} wait for their seal.",
            n=state.last,
            when=sealed,
            waiting=state.waiting,
        )
        await self._add(tx, me, 0)

    async def _add(self, tx: Tx, me: Actor, before: int) -> None:
        asked = replace(queries.trail_filter(self.asked, me.zone), before=before)
        page = await queries.trail(tx, me, asked)
        self.rows = [*(self.rows if before else []), *(_entry(one, me.zone) for one in page)]
        self.more = len(page) == 50 and len(self.rows) < MOST

    @rx.event
    async def load_more(self) -> Any:
        self.busy = True
        yield
        async with acting(self, limit="page") as (tx, me):
            if self.rows:
                await self._add(tx, me, self.rows[-1].id)
        self.busy = False

    @rx.event
    async def see(self, flag_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.see_flag(tx, me, flag_id)
            await self._flags(tx, me)

    @rx.event
    async def check(self) -> Any:
        self.checking = True
        yield
        self.checking = False
        async with minding(self, limit="answer") as me:
            found = await actions.check_chain(me)
            self.broken = bool(found.problems)
            self.verdict = (
                t("The chain is broken: {what}.", what="; ".join(found.problems[:5]))
                if found.problems
                else t("The chain holds: {n} entries are as they were sealed.", n=found.entries)
            )

    @rx.event
    def ask(self, form: AskForm) -> Any:
        words = {key: str(value).strip()[:200] for key, value in form.items()}
        return self._go(**words)

    @rx.event
    def begin_at(self, day: str) -> Any:
        return self._go(**{"from": day})

    @rx.event
    def end_at(self, day: str) -> Any:
        return self._go(to=day)

    @rx.event
    def clear(self) -> Any:
        return rx.redirect(PAGE)

    def _go(self, **changes: str) -> Any:
        asked = {key: value for key, value in (self.asked | changes).items() if value}
        return rx.redirect(f"{PAGE}?{urlencode(asked)}" if asked else PAGE, replace=True)


def _entry(one: TrailEntry, zone: str) -> EntryRow:
    person = f" ({one.actor_name})" if one.actor_name else ""
    named = f" ({one.subject_name})" if one.subject_name else ""
    return EntryRow(
        id=one.id,
        verb=one.verb,
        who=f"{one.actor}{person}",
        about=f"{one.subject} {one.subject_id}{named}",
        when=f"{times.day_and_year(one.at, zone)}, {times.clock_time(one.at, zone)}",
        where=one.address,
        agent=one.agent,
        reason=one.reason,
        place=t("Number {n} of the chain", n=one.number) if one.number else t("Not sealed yet"),
        differences=_differences(one.before or {}, one.after or {}),
    )


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    names = sorted({*before, *after})
    return [
        Difference(name, _words(before.get(name)), _words(after.get(name)))
        for name in names
        if before.get(name) != after.get(name) or name not in before
    ]


def _words(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _flag(one: FlagView, zone: str) -> FlagRow:
    many = int(one.detail.get("many", 0))
    device = " · ".join(
        str(one.detail[key]) for key in ("country", "browser", "system") if one.detail.get(key)
    )
    words = {
        "many_failures": t("Many failed sign-ins of one account"),
        "many_failures_from": t("Many failed sign-ins from one address"),
        "wrong_codes": t("Many wrong codes for one account"),
        "many_exports": t("Data taken out many times"),
        "new_country": t("A sign-in from a country that is new"),
        "new_device": t("A sign-in from a device and a network that are new"),
    }
    facts = [
        one.person_name,
        one.address,
        device,
        tn("{n} time", "{n} times", many) if many else "",
    ]
    query = {"subject": f"user {one.person_id}"} if one.person_id else {"address": one.address}
    if one.kind == "many_exports":
        query = {"actor": str(one.person_id or "")}
    return FlagRow(
        id=one.id,
        words=words.get(one.kind, one.kind),
        about=", ".join(part for part in facts if part),
        when=times.when(one.at, zone),
        href=f"{PAGE}?{urlencode(query)}",
    )
