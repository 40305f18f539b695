"""Packages that were bought: the list and one of them, for both of its sides."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.packages import actions, queries
from loom_app.domains.packages.queries import PackageView
from loom_app.domains.payments import actions as payments
from loom_app.kit import addresses, clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.offerings import form as forms
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting, minding


@dataclass(frozen=True)
class LineRow:
    """A line of a statement."""

    day: str
    words: str
    what: str
    href: str
    change: str
    left: int


@dataclass(frozen=True)
class PackageRow:
    """A package in words, as the reader sees it."""

    id: int = 0
    name: str = ""
    coaching: bool = False
    other: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    left: str = ""
    note: str = ""
    tone: str = "plain"
    status: str = ""
    state: str = ""  # the same beside the figures
    price: str = ""
    bought: str = ""
    until: str = ""
    used: int = 0
    forfeited: int = 0
    refunded: int = 0
    remaining: int = 0
    back: str = ""
    asked: str = ""
    answer: str = ""
    paid: bool = False
    payment_href: str = ""
    lines: list[LineRow] = field(default_factory=list)
    href: str = ""


def _status(view: PackageView) -> tuple[str, str]:
    if not view.paid:
        return t("Not paid yet"), "warn"
    if view.status == "disputed":
        return t("The bank is asked"), "warn"
    if view.left:
        return view.left_text, "good"
    return t("Used up"), "plain"


def package_row(view: PackageView, zone: str) -> PackageRow:
    words, tone = _status(view)
    until = times.day_and_year(view.expires_at, zone) if view.expires_at else ""
    over = view.expires_at is not None and view.expires_at <= clock.now()
    note = t("until {day}", day=until) if view.left and not over else ""
    return PackageRow(
        id=view.id,
        name=view.name,
        coaching=view.coaching,
        other=view.other.name,
        initials=view.other.initials,
        hue=view.other.hue,
        avatar_url=view.other.avatar_url,
        left=view.left_text,
        note=note,
        tone=tone,
        status=words,
        state=t("Active") if words == view.left_text else words,
        price=view.price.format(),
        bought=times.day_and_year(view.bought_at, zone) if view.bought_at else "",
        until=until,
        used=view.used,
        forfeited=view.forfeited,
        refunded=view.refunded,
        remaining=view.left,
        back=view.back.format() if view.left and view.status == "live" else "",
        asked=view.asked_why if view.asked_at else "",
        answer=view.answer,
        paid=view.paid,
        payment_href=f"/payments/{view.charge_id}" if view.paid else "",
        lines=[
            LineRow(
                day=times.day_and_year(one.at, zone),
                words=one.words,
                what=one.what,
                href=one.path,
                change=f"{one.change:+d}",
                left=one.left,
            )
            for one in reversed(view.statement)
        ],
        href=f"/packages/{view.id}",
    )


class PackagesState(Problems, rx.State):
    """What the reader bought, and what their clients bought."""

    loaded: bool = False
    mine: list[PackageRow] = []
    sold: list[PackageRow] = []

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.person_id}:packages"], "_changed", calm=0.2)
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        rows = [package_row(one, me.zone) for one in await queries.packages(tx, me)]
        self.mine = [row for row in rows if not row.coaching]
        self.sold = [row for row in rows if row.coaching]
        self.loaded = True


class AskBackForm(TypedDict):
    why: str


class GiveBackForm(TypedDict):
    sessions: str


class PackageState(Problems, rx.State):
    """One package with its statement."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    row: PackageRow = PackageRow()
    dialog: str = ""  # ask, give or decline
    working: bool = False
    _id: int = 0
    _charge: int = 0
    _spot: str = ""

    @rx.event
    async def load(self) -> Any:
        """Coming back from paying: ask Stripe now, for the webhook may be late."""
        wanted = addresses.last_number(self.router.url.path)
        if wanted != self._id:
            self._id, self.phase, self.row = wanted, "", PackageRow()
        if not came_back(self, self._spot):
            self.dialog = ""
        self.working, self._spot = False, spot(self)
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.person_id}:packages"], "_changed", calm=0.2)
            await self._fill(tx, me)
        if self.phase == "here" and not self.row.paid and self._charge:
            yield
            async with minding(self):
                await payments.check_charge(self._charge)
            await self._read()

    async def _changed(self, _signal: Signal) -> None:
        await self._read()

    async def _read(self) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        try:
            view = await queries.package(tx, me, self._id)
        except NotFound:
            self.phase = "missing"
            return
        self.row, self._charge, self.phase = package_row(view, me.zone), view.charge_id, "here"

    @rx.event
    def open_dialog(self, which: str) -> None:
        self.dialog, self.errors = which if which in ("ask", "give", "decline") else "", {}

    @rx.event
    def close_dialog(self, opened: bool) -> None:
        if not opened:
            self.dialog = ""

    @rx.event
    async def ask_back(self, form: AskBackForm) -> Any:
        if self.dialog != "ask":  # done by the first of two clicks, here and below
            return
        async with acting(self, limit="save") as (tx, me):
            await actions.ask_back(tx, me, self._id, form["why"])
            await self._fill(tx, me)
            self.dialog = ""
            await say(self, t("Your coach has your request and will answer."))

    @rx.event
    async def decline(self, form: AskBackForm) -> Any:
        if self.dialog != "decline":
            return
        async with acting(self, limit="save") as (tx, me):
            await actions.answer_no(tx, me, self._id, form["why"])
            await self._fill(tx, me)
            self.dialog = ""
            await say(self, t("Your client is told."))

    @rx.event
    async def give_back(self, form: GiveBackForm) -> Any:
        if self.dialog != "give":
            return
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            many = forms.whole(dict(form), "sessions")
            if not many:
                raise Invalid(t("Give a whole number."), field="sessions")
            await actions.give_back(tx, me, self._id, many)
            await self._fill(tx, me)
            self.dialog = ""
            await say(self, t("It is on its way back to your client."))
