"""The packages that a coach offers: the list, and one of them in the editor."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.packages import actions, queries
from loom_app.domains.packages.actions import OfferEdit
from loom_app.domains.packages.queries import OfferView
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t
from loom_app.ui.offerings import form as forms
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting

LIST = "/offerings/packages"


@dataclass(frozen=True)
class PackageOfferRow:
    """A package on offer, in words."""

    id: int = 0
    name: str = ""
    terms: str = ""
    offerings: str = ""
    price: str = ""
    saving: str = ""
    href: str = ""
    problem: str = ""


def offer_row(view: OfferView, href: str) -> PackageOfferRow:
    return PackageOfferRow(
        id=view.id,
        name=view.name,
        terms=view.terms_text,
        offerings=", ".join(view.offerings),
        price=view.price.format(),
        saving=view.saving_text,
        href=href,
        problem=forms.unsettled_words(view.price),
    )


@dataclass(frozen=True)
class PackageTyped:
    """A package on offer as its form shows it."""

    id: int = 0
    name: str = ""
    sessions: str = "5"
    price: str = ""
    months: str = "6"
    archived: bool = False


@dataclass(frozen=True)
class Choice:
    """An offering that can be in it."""

    id: int
    name: str
    facts: str
    chosen: bool


class PackageOffersState(Problems, rx.State):
    """All of a coach's packages, on sale and archived."""

    loaded: bool = False
    rows: list[PackageOfferRow] = []
    archived: list[PackageOfferRow] = []
    can_offer: bool = True

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            await self._fill(tx, me)
        return None

    async def _fill(self, tx: Tx, me: Actor) -> None:
        mine = me.require_person()
        on_sale = await queries.offers(tx, me, mine)
        shelf = await queries.offers(tx, me, mine, archived=True)
        self.rows = [offer_row(one, f"{LIST}/{one.id}") for one in on_sale]
        self.archived = [offer_row(one, "") for one in shelf]
        self.can_offer = any(one.price_minor for one in await coaches.offerings(tx, me, mine))
        self.loaded = True

    @rx.event
    async def restore(self, offer_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.restore(tx, me, offer_id)
            await self._fill(tx, me)
            await say(self, t("It can be bought again."))


class PackageOfferState(Problems, rx.State):
    """One package in the editor; 0 is a new one."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    offer: PackageTyped = PackageTyped()
    choices: list[Choice] = []
    asking: bool = False
    working: bool = False
    form_key: int = 0
    _spot: str = ""

    @rx.event
    async def load(self) -> Any:
        """What somebody is typing outlives a lost connection."""
        path, back = self.router.url.path, came_back(self, self._spot)
        self.working, self._spot = False, spot(self)
        if not back:
            self.phase, self.asking, self.errors = "", False, {}
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            try:
                view = await self._read(tx, me, path)
            except NotFound:
                self.phase = "missing"
                return None
            if not (back and self.phase):
                await self._fill(tx, me, view)
            self.phase = "here"
        return None

    async def _read(self, tx: Tx, me: Actor, path: str) -> OfferView | None:
        if path.rstrip("/").endswith("/new"):
            return None
        view = await queries.offer(tx, me, addresses.last_number(path))
        if view.coach_id != me.person_id:
            raise NotFound
        return view

    async def _fill(self, tx: Tx, me: Actor, view: OfferView | None) -> None:
        known = await coaches.offerings(tx, me, me.require_person())
        ids = view.offering_ids if view else ()
        self.choices = [
            Choice(one.id, one.name, f"{one.duration_text} · {one.price_text}", one.id in ids)
            for one in known
            if one.price_minor
        ]
        self.offer = PackageTyped()
        if view is not None:
            self.offer = PackageTyped(
                id=view.id,
                name=view.name,
                sessions=str(view.sessions),
                price=forms.units(view.price.minor, view.price.currency),
                months=str(view.months),
                archived=view.archived,
            )
        self.form_key += 1

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        if self.phase != "here":  # saved by the first of two clicks: nothing is made twice
            return
        self.working = True
        yield
        self.working = False
        done = False
        async with acting(self, limit="save") as (tx, me):
            edit = await self._edit(tx, me, form)
            if self.offer.id:
                await actions.save(tx, me, self.offer.id, edit)
            else:
                await actions.make(tx, me, edit)
            done = True
        if done:
            self.phase = ""
            await say(self, t("The package is saved."))
            yield rx.redirect(LIST)
        elif self.errors:
            await say(self, t("Something is not right yet: see the fields marked in red."), "error")

    async def _edit(self, tx: Tx, me: Actor, form: dict[str, Any]) -> OfferEdit:
        """Its currency is that of its offerings. Raises Invalid by the field's name."""
        chosen = [one.id for one in self.choices if form.get(f"offering-{one.id}")]
        known = await coaches.offerings(tx, me, me.require_person())
        first = next((one.currency for one in known if one.id in chosen), "USD")
        return OfferEdit(
            name=forms.words(form, "name"),
            sessions=forms.whole(form, "sessions") or 0,
            price_minor=forms.money(form, "price_minor", first) or 0,
            currency=first,
            months=forms.whole(form, "months") or 0,
            offering_ids=tuple(chosen),
        )

    @rx.event
    def ask(self, opened: bool) -> None:
        """Open or close the question before archiving."""
        self.asking = opened

    @rx.event
    async def archive(self) -> Any:
        self.asking = False
        done = False
        async with acting(self, limit="save") as (tx, me):
            await actions.archive(tx, me, self.offer.id)
            done = True
        if done:
            await say(self, t("Archived. Who bought it keeps it; you can bring it back any time."))
            return rx.redirect(LIST)
        return None
