"""A coach's session templates: the list, and one of them in the form."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.coaches import actions, queries
from loom_app.domains.coaches.actions import TemplateEdit
from loom_app.domains.coaches.queries import TemplateView
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t
from loom_app.ui.offerings import form as forms
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

LIST = "/offerings/templates"


@dataclass(frozen=True)
class TemplateRow:
    """A template in a line; `book_href` is the first of two clicks."""

    id: int
    name: str
    facts: str
    agenda: str
    href: str
    book_href: str


@dataclass(frozen=True)
class TemplateTyped:
    """A template as its form shows it."""

    id: int = 0
    name: str = ""
    offering: str = ""
    duration: str = ""
    price: str = ""
    agenda: str = ""


def _row(view: TemplateView) -> TemplateRow:
    sold = view.offering
    return TemplateRow(
        id=view.id,
        name=view.name,
        facts=f"{sold.duration_text} · {sold.price_text} · {sold.place_text}",
        agenda=view.agenda,
        href=f"{LIST}/{view.id}",
        book_href=f"/sessions/new?template={view.id}",
    )


class TemplatesState(Problems, rx.State):
    """All of them, and the one that is open in the form (0: a new one)."""

    loaded: bool = False
    rows: list[TemplateRow] = []
    offerings: list[list[str]] = []
    phase: str = ""  # of the form: "" while looking, then "here" or "missing"
    template: TemplateTyped = TemplateTyped()
    form_key: int = 0
    working: bool = False

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            self.rows = [_row(one) for one in await queries.templates(tx, me)]
            self.loaded = True
        return None

    @rx.event
    async def open(self) -> Any:
        """The form, empty or filled."""
        self.phase, self.errors, self.working = "", {}, False
        path = self.router.url.path
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            sold = await queries.offerings(tx, me, me.require_person())
            self.offerings = [
                [str(one.id), f"{one.name}, {one.duration_text}, {one.price_text}"]
                for one in sold
                if one.capacity == 1 and not one.intro
            ]
            try:
                await self._fill(tx, me, path)
                self.phase = "here"
            except NotFound:
                self.phase = "missing"
        return None

    async def _fill(self, tx: Tx, me: Actor, path: str) -> None:
        self.form_key += 1
        self.template = TemplateTyped(offering=self.offerings[0][0] if self.offerings else "")
        if path.rstrip("/").endswith("/new"):
            return
        view = await queries.template(tx, me, addresses.last_number(path))
        price = view.own_price
        self.template = TemplateTyped(
            id=view.id,
            name=view.name,
            offering=str(view.offering.id),
            duration=str(view.own_duration or ""),
            price="" if price is None else forms.units(price, view.offering.currency),
            agenda=view.agenda,
        )

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        if self.phase != "here":  # saved by the first of two clicks: nothing is made twice
            return
        self.working = True
        yield
        self.working = False
        done = False
        async with acting(self, limit="save") as (tx, me):
            offering = await queries.offering(
                tx, me, addresses.number(forms.words(form, "offering_id"))
            )
            edit = TemplateEdit(
                name=forms.words(form, "name"),
                offering_id=offering.id,
                duration_minutes=forms.whole(form, "duration_minutes"),
                price_minor=forms.money(form, "price_minor", offering.currency),
                agenda=forms.words(form, "agenda"),
            )
            await actions.save_template(tx, me, edit, self.template.id)
            done = True
        if done:
            self.phase = ""
            await say(self, t("The template is saved."))
            yield rx.redirect(LIST)

    @rx.event
    async def drop(self) -> Any:
        done = False
        async with acting(self, limit="save") as (tx, me):
            await actions.drop_template(tx, me, self.template.id)
            done = True
        if done:
            await say(self, t("The template is gone. What was booked from it stays."))
            return rx.redirect(LIST)
        return None
