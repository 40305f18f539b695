"""Coaches who wait to be verified, and one of them with everything that staff decides by."""

from dataclasses import dataclass, replace
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.coaches import queries, verifying
from loom_app.domains.coaches.queries import Application, WaitingCoach
from loom_app.domains.scheduling import queries as scheduling
from loom_app.domains.scheduling.queries import ReadyView
from loom_app.kit.actor import Actor
from loom_app.kit.addresses import last_number
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.onboarding.proofs_state import ProofRow, proof_row
from loom_app.ui.onboarding.state import HistoryRow, changed_words, history_row
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


class ReasonForm(TypedDict):
    reason: str


@dataclass(frozen=True)
class QueueRow:
    """A coach who waits, in words."""

    id: int
    name: str
    initials: str
    hue: int
    avatar_url: str
    headline: str
    waits: str
    kind: str
    tone: str
    href: str


@dataclass(frozen=True)
class SaleRow:
    """What they sell, in words."""

    name: str
    facts: str
    price: str


@dataclass(frozen=True)
class CheckRow:
    """A point of the list: what is to be seen there, and whether something is missing."""

    name: str
    title: str
    detail: str
    lacks: bool
    ticked: bool
    key: str


@dataclass(frozen=True)
class CoachSheet:
    """The application as staff reads it."""

    id: int = 0
    name: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    email: str = ""
    page: str = ""
    headline: str = ""
    bio: str = ""
    facts: str = ""
    video_url: str = ""
    stands: str = ""
    waits: bool = False
    changed: str = ""


class CoachQueueState(rx.State):
    """For who verifies: others are led away, and every query says no to them."""

    loaded: bool = False
    rows: list[QueueRow] = []

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.may("coaches.verify"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, ["staff:coaches"], "_changed", calm=0.5)
            await self._fill(tx, me)
        return None

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self, on_problem=lambda _: self._empty()) as (tx, me):
            await self._fill(tx, me)

    def _empty(self) -> None:
        """The caller is no more among those who may."""
        self.rows = []

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self.rows = [_queue_row(one) for one in await queries.waiting_coaches(tx, me)]
        self.loaded = True


class CoachSheetState(Problems, rx.State):
    """One coach's application; `seen` is the submission that is looked at."""

    loaded: bool = False
    missing: bool = False
    coach: CoachSheet = CoachSheet()
    proofs: list[ProofRow] = []
    sales: list[SaleRow] = []
    checks: list[CheckRow] = []
    history: list[HistoryRow] = []
    asking: bool = False
    working: bool = False
    problem: str = ""
    _seen: int = 0
    _ticked: list[str] = []

    @rx.event
    async def load(self) -> Any:
        self.loaded, self.missing, self.problem = False, False, ""
        self.asking, self.working, self._ticked = False, False, []
        async with acting(self, on_problem=self._gone) as (tx, me):
            if not me.may("coaches.verify"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, ["staff:coaches"], "_changed", calm=0.5)
            await self._fill(tx, me)
        return None

    def _gone(self, problem: DomainError) -> None:
        self.missing = isinstance(problem, NotFound)
        self.coach, self.loaded = CoachSheet(), True

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self, on_problem=self._gone) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        coach_id = last_number(self.router.url.path)
        found = await queries.application(tx, me, coach_id)
        ready = await scheduling.readiness(tx, me, coach_id)
        if found.seen != self._seen:  # what was ticked was ticked of another submission
            self._seen, self._ticked = found.seen, []
        self.coach = _sheet(found, me.zone)
        self.proofs = [proof_row(one) for one in found.credentials]
        self.sales = [
            SaleRow(
                one.name,
                f"{queries.duration_text(one.duration_minutes)} · {queries.place_text(one.place)}",
                one.price_text,
            )
            for one in found.offerings
        ]
        self.checks = _checks(found, ready, self._ticked)
        self.history = [history_row(one, me.zone) for one in found.history]
        self.loaded = True

    @rx.event
    def tick(self, name: str, ticked: bool) -> None:
        rest = [one for one in self._ticked if one != name]
        known = any(one.name == name for one in self.checks)
        self._ticked = [*rest, name] if ticked and known else rest
        self.errors = {}
        self.checks = [replace(one, ticked=one.name in self._ticked) for one in self.checks]

    @rx.event
    def turn(self, opened: bool) -> None:
        """The question of what has to change says whether it is open."""
        self.asking, self.errors = opened, {}

    @rx.event
    async def approve(self) -> Any:
        self.working, self.problem = True, ""
        yield
        self.working = False
        async with acting(self, limit="answer") as (tx, me):
            await verifying.approve(tx, me, self.coach.id, self._seen, self._ticked)
            name = self.coach.name
            await self._fill(tx, me)
            await say(self, t("{name} can be booked now, and has a mail.", name=name))

    @rx.event
    async def send_back(self, form: ReasonForm) -> Any:
        self.working, self.problem = True, ""
        yield
        self.working = False
        async with acting(self, limit="answer") as (tx, me):
            await verifying.send_back(tx, me, self.coach.id, self._seen, form["reason"])
            self.asking = False
            await self._fill(tx, me)
            await say(self, t("They have a mail with your words."))


def _queue_row(one: WaitingCoach) -> QueueRow:
    person = one.person
    kind, tone = (t("New"), "brand")
    if one.verified:
        kind, tone = t("New proofs"), "info"
    elif one.times > 1:
        kind, tone = tn("Submitted once", "Submitted {n} times", one.times), "accent"
    return QueueRow(
        id=person.id,
        name=person.name,
        initials=person.initials,
        hue=person.hue,
        avatar_url=person.avatar_url,
        headline=one.headline,
        waits=t("Submitted {ago}", ago=times.ago(one.submitted_at)),
        kind=kind,
        tone=tone,
        href=f"/staff/coaches/{person.id}",
    )


def _sheet(found: Application, zone: str) -> CoachSheet:
    person, standing = found.person, found.standing
    waits = standing.review == "waiting"
    since = times.when(standing.submitted_at, zone) if standing.submitted_at else ""
    if waits:
        stands = t("Waits since {when}", when=since)
    elif standing.hidden:
        stands = t("Hidden: {why}", why=standing.hidden)
    elif standing.verified_at:
        stands = t("Verified since {day}", day=times.day_and_year(standing.verified_at, zone))
    elif standing.review == "changes":
        stands = t("Sent back; nothing new was submitted")
    else:
        stands = t("Nothing was submitted yet")
    newest = next((one for one in found.history if one.kind == "submitted"), None)
    words = changed_words()
    changed = ", ".join(words.get(name, name) for name in newest.changed) if newest else ""
    parts = [
        ", ".join(found.specialties),
        ", ".join(found.languages),
        tn("{n} year as a coach", "{n} years as a coach", found.years) if found.years else "",
    ]
    return CoachSheet(
        id=person.id,
        name=person.name,
        initials=person.initials,
        hue=person.hue,
        avatar_url=person.avatar_url,
        email=found.email,
        page=found.slug,
        headline=found.headline,
        bio=found.bio,
        facts=" · ".join(part for part in parts if part),
        video_url=found.video_url,
        stands=stands,
        waits=waits,
        changed=changed if waits else "",
    )


def _checks(found: Application, ready: ReadyView, ticked: list[str]) -> list[CheckRow]:
    identity = [one for one in found.credentials if one.kind == "identity"]
    trained = [one for one in found.credentials if one.kind == "credential"]
    said = bool(found.headline and found.bio and found.specialties)
    hours = t("Hours are open.") if ready.hours else t("No hours are open.")
    points = (
        (
            "identity",
            t("Who they are"),
            t("The name on the document is that of the account."),
            not identity,
        ),
        (
            "credentials",
            t("Training"),
            tn("{n} proof: title, issuer and name agree.", "{n} proofs: each agrees.", len(trained))
            if trained
            else t("None was given; that is allowed."),
            False,
        ),
        ("profile", t("Profile"), t("True, clear, and nobody is misled."), not said),
        ("offering", t("Offerings"), hours, not (found.offerings and ready.hours)),
        ("rates", t("Rates"), t("Prices fit what is offered."), not found.offerings),
        (
            "payouts",
            t("Payouts"),
            t("Stripe has checked the account.")
            if ready.payable
            else t("No account yet: only free sessions can be booked."),
            False,
        ),
    )
    return [
        CheckRow(name, title, detail, lacks, name in ticked, f"{name}:{found.seen}")
        for name, title, detail, lacks in points
    ]
