"""What a coach sells: the list, and one of them in the editor."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.coaches import actions, queries
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.payments import queries as payments
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t, tn
from loom_app.ui.earnings.state import account_note
from loom_app.ui.offerings import form as forms
from loom_app.ui.offerings.form import OfferingTyped, QuestionRow
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting

MOST_QUESTIONS = 10


@dataclass(frozen=True)
class OfferRow:
    """An offering in a line."""

    id: int
    name: str
    facts: str
    price: str
    place: str
    href: str
    problem: str


@dataclass(frozen=True)
class RoomChoice:
    """A room of the place that is chosen; with none ticked any does."""

    id: int
    name: str
    facts: str
    chosen: bool = False


def offer_row(view: OfferingView) -> OfferRow:
    facts = [view.duration_text, view.site.name if view.site else view.place_text]
    if view.terms_text:
        facts.append(view.terms_text)
    if view.questions:
        facts.append(queries.questions_text(len(view.questions)))
    return OfferRow(
        view.id,
        view.name,
        " · ".join(facts),
        view.price_text,
        view.place,
        f"/offerings/{view.id}",
        forms.unsettled_words(view.price),
    )


class OfferingsState(Problems, rx.State):
    """All of a coach's offerings, on sale and archived."""

    loaded: bool = False
    rows: list[OfferRow] = []
    archived: list[OfferRow] = []
    has_profile: bool = True
    account_note: str = ""

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            await self._fill(tx, me)
        return None

    async def _fill(self, tx: Tx, me: Actor) -> None:
        mine = me.require_person()
        on_sale = await queries.offerings(tx, me, mine)
        self.rows = [offer_row(view) for view in on_sale]
        account = await payments.account(tx, me)
        ready = account is not None and account.active
        paid = any(view.price_minor for view in on_sale)
        status = account.status if account else ""
        self.account_note = account_note(status) if paid and not ready else ""
        shelf = await queries.offerings(tx, me, mine, archived=True)
        self.archived = [offer_row(view) for view in shelf]
        self.has_profile = bool(await queries.slug_of_coach(tx, mine))
        self.loaded = True

    @rx.event
    async def restore(self, offering_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.restore_offering(tx, me, offering_id)
            await self._fill(tx, me)
            await say(self, t("It can be booked again."))


class OfferingState(Problems, rx.State):
    """One offering in the editor; 0 is a new one."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    offering: OfferingTyped = OfferingTyped()
    place: str = "video"
    deposit_kind: str = ""
    sites: list[list[str]] = []
    site: str = ""
    rooms: list[RoomChoice] = []
    questions: list[QuestionRow] = []
    currencies: list[list[str]] = []
    currency_note: str = ""
    price_note: str = ""
    asking: bool = False
    working: bool = False
    form_key: int = 0
    _made: int = 0
    _rooms: dict[str, list[RoomChoice]] = {}
    _minutes: int = 0
    _price: str = ""
    _currency: str = "USD"
    _spot: str = ""

    @rx.event
    async def load(self) -> Any:
        """What somebody is typing outlives a lost connection, as long as nothing was saved."""
        path, back = self.router.url.path, came_back(self, self._spot) and self.phase == "here"
        self.working, self._spot = False, spot(self)
        if not back:
            self.phase, self.asking, self.errors = "", False, {}
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            try:
                offering, questions, room_ids = await self._read(tx, me, path)
                await self._read_sites(tx, me, offering, room_ids)
                if not (back and self.offering == offering):
                    self._fill(offering, questions)
                    self._minutes = addresses.number(offering.duration)
                    await self._weigh(tx, me, offering.price, offering.currency)
                self.phase = "here"
            except NotFound:
                self.phase = "missing"
        return None

    async def _read(
        self, tx: Tx, me: Actor, path: str
    ) -> tuple[OfferingTyped, list[QuestionRow], tuple[int, ...]]:
        if path.endswith("/new"):
            self.currency_note = ""
            profile = await queries.my_profile_form(tx, me)
            known = await queries.places_to_choose(tx, me)
            site = str(known[0].id) if known else ""
            return OfferingTyped(currency=profile.currency, site=site), [], ()
        view = await queries.offering(tx, me, addresses.last_number(path))
        if view.coach_id != me.person_id:
            raise NotFound
        self.currency_note = forms.unsettled_words(view.price)
        return forms.typed(view), forms.question_rows(view), view.room_ids

    async def _read_sites(
        self, tx: Tx, me: Actor, offering: OfferingTyped, room_ids: tuple[int, ...]
    ) -> None:
        known = await queries.places_to_choose(tx, me, addresses.number(offering.site) or None)
        self.sites = [*([str(one.id), one.name] for one in known), ["", t("At another address")]]
        self._rooms = {str(one.id): [] for one in known}
        for room in await queries.rooms(tx, [one.id for one in known]):
            facts = tn("{n} person", "{n} persons", room.capacity)
            row = RoomChoice(room.id, room.name, facts, room.id in room_ids)
            self._rooms[str(room.place_id)].append(row)

    async def _weigh(self, tx: Tx, me: Actor, typed: str, currency: str) -> None:
        """What the coach will have of the price in the form, by the fee that holds for it."""
        self._price, self._currency = typed[:20], currency
        minutes = self._minutes
        price, whose = await forms.price_of(tx, me, self._price, self._currency, minutes)
        if price is None:
            self.price_note = whose
            return
        rule = self.offering.id or None
        fee = await payments.fee_for(tx, price, me.require_person(), rule)
        self.price_note = " ".join(filter(None, (whose, forms.received_words(price, fee))))

    @rx.event
    async def weigh(self, price: str) -> None:
        """While a price is typed."""
        await self._weigh_now(price, self._currency)

    @rx.event
    async def weigh_minutes(self, minutes: str) -> None:
        """A usual price of the platform goes by the hour."""
        self._minutes = min(addresses.number(minutes), 480)
        await self._weigh_now(self._price, self._currency)

    @rx.event
    async def weigh_in(self, currency: str) -> None:
        if [currency, currency] in self.currencies:
            await self._weigh_now(self._price, currency)

    async def _weigh_now(self, price: str, currency: str) -> None:
        marked = self.errors  # by saving: they stay until it is saved again
        async with acting(self, limit="page") as (tx, me):
            await self._weigh(tx, me, price, currency)
        self.errors = marked or self.errors

    def _fill(self, offering: OfferingTyped, questions: list[QuestionRow]) -> None:
        self.offering, self.questions = offering, questions
        self.place, self.form_key = self.offering.place, self.form_key + 1
        self.site = offering.site
        self.rooms = self._rooms.get(self.site, [])
        self.deposit_kind = self.offering.deposit_kind
        self._made = len(self.questions)
        self.currencies = forms.currencies(offering.currency)

    @rx.event
    def choose_place(self, place: str) -> None:
        if place in queries.PLACES:
            self.place = place

    @rx.event
    def choose_site(self, site: str) -> None:
        """Which place it is; empty for an address of its own."""
        if not site or site in self._rooms:
            self.site, self.rooms = site, self._rooms.get(site, [])

    @rx.event
    def choose_deposit(self, kind: str) -> None:
        if kind in ("", "percent", "amount"):
            self.deposit_kind = kind

    @rx.event
    def add_question(self) -> None:
        if len(self.questions) < MOST_QUESTIONS:
            self._made += 1
            self.questions = [*self.questions, QuestionRow(f"n{self._made}")]

    @rx.event
    def drop_question(self, key: str) -> None:
        self.questions = [one for one in self.questions if one.key != key]

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        if self.phase != "here":  # saved by the first of two clicks: nothing is made twice
            return
        self.working = True
        yield
        self.working = False
        done = False
        async with acting(self, limit="save") as (tx, me):
            edit = forms.offering_edit(form, [one.key for one in self.questions])
            if self.offering.id:
                await actions.save_offering(tx, me, self.offering.id, edit)
            else:
                await actions.create_offering(tx, me, edit)
            done = True
        if done:
            self.phase = ""
            await say(self, t("The offering is saved."))
            yield rx.redirect("/offerings")
        elif self.errors:
            await say(self, t("Something is not right yet: see the fields marked in red."), "error")

    @rx.event
    def ask(self, opened: bool) -> None:
        """Open or close the question before archiving."""
        self.asking = opened

    @rx.event
    async def archive(self) -> Any:
        self.asking = False
        done = False
        async with acting(self, limit="save") as (tx, me):
            await actions.archive_offering(tx, me, self.offering.id)
            done = True
        if done:
            await say(self, t("Archived. Booked sessions stay; you can bring it back any time."))
            return rx.redirect("/offerings")
        return None
