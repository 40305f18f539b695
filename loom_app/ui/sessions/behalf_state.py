"""`/sessions/new`: a coach books for one of their clients; `/staff/book`: staff for anybody."""

from typing import Any, Literal, NotRequired
from urllib.parse import parse_qsl, urlencode, urlsplit

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.messaging import queries as messaging
from loom_app.domains.payments import queries as payments
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling.actions import KEEP_HOURS, BookedFor, Order
from loom_app.domains.scheduling.errors import OutsideRules
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn
from loom_app.ui.booking.times import read_wall
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

Pay = Literal["link", "in_person", "free"]


class PairForm(TypedDict):
    client: str
    coach: str


class OrderForm(TypedDict):
    client: NotRequired[str]  # staff has found theirs before
    offering: NotRequired[str]  # a template has its own
    at: str
    agenda: str
    pay: NotRequired[str]  # the radio buttons; the State knows which is chosen
    keep: NotRequired[str]
    reason: NotRequired[str]


class BehalfState(Problems, rx.State):
    """The form; `outside` says that a reason is asked for. `desk`: it is staff's, for the `pair`
    that was looked up; it goes with the page, so that nobody is booked whom one no longer sees."""

    loaded: bool = False
    desk: bool = False
    pair: list[str] = []  # the names of the client and the coach
    booked: str = ""
    clients: list[list[str]] = []
    offerings: list[list[str]] = []
    client: str = ""
    offering: str = ""
    templates: list[list[str]] = []  # number, name, address
    template: str = ""  # the number of the one that is booked from
    template_words: str = ""
    bare_href: str = "/sessions/new"
    agenda: str = ""
    at: str = ""
    zone_note: str = ""
    pay: Pay = "link"
    selling: bool = False
    outside: bool = False
    working: bool = False
    form_key: int = 0
    _client_id: int = 0
    _zone: str = ""
    _aside_to: str = ""

    @rx.var
    def keeps(self) -> list[list[str]]:
        words = {2: t("Two hours"), 24: t("A day")}
        return [
            [str(hours), words.get(hours) or tn("{n} day", "{n} days", hours // 24)]
            for hours in KEEP_HOURS
        ]

    @rx.event
    async def load(self) -> Any:
        """The form is drawn when it is filled: what is chosen in the one before would be lost."""
        query = dict(self.router.url.query_parameters)
        if self._aside_to and query == dict(parse_qsl(urlsplit(self._aside_to).query)):
            query |= {"client": self.client, "at": self.at}
        self._aside_to = ""
        self.loaded = False
        self._fresh()
        self.desk = False
        yield
        async with acting(self, limit="page") as (tx, me):
            coach_id = me.require_coach()
            people = [one for one in await messaging.reachable(tx, me) if one.client]
            self.clients = [["", t("Choose one")], *([str(one.id), one.name] for one in people)]
            self.offerings = _choices(await coaches.offerings(tx, me, coach_id))
            self.client = _known(query.get("client", ""), self.clients)
            self.at = _clock(query.get("at", ""))
            await self._from_template(tx, me, addresses.number(query.get("template", "")))
            await self._ways_to_pay(tx, coach_id)
            self.offering = _known(query.get("offering", ""), self.offerings)
            self.zone_note = t("By your clock, {zone}.", zone=times.zone_label(me.zone, tx.now))
            self.loaded = True

    @rx.event
    async def load_desk(self) -> Any:
        """For staff who may book for anybody; others are led away."""
        self._fresh()
        self.desk, self.pair, self.booked = True, [], ""
        async with acting(self) as (_, me):
            if not me.may("sessions.override"):
                return rx.redirect("/sessions", replace=True)
            self.loaded = True
        return None

    @rx.event
    async def find(self, form: PairForm) -> None:
        """Whom staff books for with whom, by the addresses of their accounts."""
        self.booked = ""
        async with acting(self, limit="answer") as (tx, me):
            found = await scheduling.find_pair(tx, me, form["client"], form["coach"])
            self._fresh()  # not before: what was refused stays in its fields
            await self._ways_to_pay(tx, found.coach.id)
            self.offerings = _choices(found.offerings)
            self.offering = _known("", self.offerings)
            self._client_id, self._zone = found.client.id, found.coach.zone
            zone = times.zone_label(found.coach.zone, tx.now)
            self.zone_note = t("By the coach's clock, {zone}.", zone=zone)
            self.pair = [found.client.name, found.coach.name]

    @rx.event
    def look_again(self) -> None:
        """Somebody else."""
        self._fresh()
        self.pair, self.booked = [], ""

    def _fresh(self) -> None:
        """An empty form, whatever was in it."""
        self.errors, self.outside, self.working = {}, False, False
        self.template, self.templates, self.agenda, self.at = "", [], "", ""
        self.form_key += 1

    async def _ways_to_pay(self, tx: Tx, coach_id: int) -> None:
        self.selling = bool(await payments.sells_in(tx, coach_id))
        self.pay = "link" if self.selling else "in_person"

    def _aside(self, **more: str) -> str:
        """The form in another way, with what is chosen already."""
        kept = {"client": self.client, "at": self.at, **more}
        return f"/sessions/new?{urlencode({name: one for name, one in kept.items() if one})}"

    @rx.event
    def go_aside(self, href: str) -> None:
        """What was chosen a moment ago goes along, though the link did not know of it yet."""
        self._aside_to = href

    def _lead_aside(self) -> None:
        self.bare_href = self._aside()
        self.templates = [
            [number, name, self._aside(template=number)] for number, name, _ in self.templates
        ]

    async def _from_template(self, tx: Tx, me: Actor, wanted: int) -> None:
        """What the address asks for, and the ways to the others."""
        found = await coaches.templates(tx, me)
        self.templates = [[str(one.id), one.name, ""] for one in found]
        self._lead_aside()
        chosen = next((one for one in found if one.id == wanted), None)
        self.template, self.template_words, self.agenda = "", "", ""
        if chosen is not None:
            sold = chosen.offering
            self.template, self.agenda = str(chosen.id), chosen.agenda
            self.template_words = f"{chosen.name}, {sold.duration_text}, {sold.price_text}"

    @rx.event
    def choose_client(self, client: str) -> None:
        self.client = _known(client, self.clients)
        self._lead_aside()

    @rx.event
    def choose_time(self, at: str) -> None:
        self.at = _clock(at)
        self._lead_aside()

    @rx.event
    def choose_pay(self, pay: Pay) -> None:
        self.pay = pay

    @rx.event
    async def book(self, form: OrderForm) -> Any:
        # booked by the first of two clicks
        if not self.loaded or (self.desk and not self.pair):
            return
        self.working = True
        yield
        self.working = False
        made = None
        keep = form.get("keep", "")
        client_id = self._client_id if self.desk else addresses.number(form.get("client", ""))
        async with acting(self, limit="book", on_problem=self._refused) as (tx, me):
            order = Order(
                client_id=client_id,
                offering_id=addresses.number(form.get("offering", "")),
                starts_at=read_wall(form["at"], self._zone if self.desk else me.zone),
                pay=self.pay,
                keep_hours=int(keep) if keep.isdecimal() and len(keep) < 4 else 24,
                reason=form.get("reason", ""),
                agenda=form["agenda"],
                template_id=addresses.number(self.template),
            )
            made = await scheduling.book_for(tx, me, order)
        if made is not None and self.desk:  # who sells and who comes see its page, staff does not
            self._noted(made)
        elif made is not None:
            words = (
                t("The time is kept. Your client has mail with the way to pay.")
                if made.kept
                else t("The session is booked. Both of you have mail about it.")
            )
            self.loaded = False
            await say(self, words)
            yield rx.redirect(f"/sessions/{made.session_id}")

    def _noted(self, made: BookedFor) -> None:
        who = dict(zip(("client", "coach"), self.pair, strict=True))
        self._fresh()
        self.pair = []
        self.booked = (
            t("A time with {coach} is kept. {client} has mail with the way to pay.", **who)
            if made.kept
            else t("{client} is booked with {coach}. Both have mail about it.", **who)
        )

    def _refused(self, problem: DomainError) -> None:
        self.outside = self.outside or isinstance(problem, OutsideRules)
        field = {"starts_at": "at", None: "form"}.get(problem.field, problem.field or "form")
        self.errors = {field: problem.message}


def _choices(sold: list[OfferingView]) -> list[list[str]]:
    return [[str(one.id), f"{one.name}, {one.duration_text}, {one.price_text}"] for one in sold]


def _clock(at: str) -> str:
    """The wall time of an address or a field, at nine where there is a day alone; else empty."""
    day = addresses.day(at[:10])
    return f"{day}T{at[11:16] or '09:00'}" if day else ""


def _known(value: str, choices: list[list[str]]) -> str:
    return value if value in {one[0] for one in choices} else choices[0][0] if choices else ""
