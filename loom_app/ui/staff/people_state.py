"""Helping somebody who cannot get in, or whose sign-ins somebody else has."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts import actions
from loom_app.domains.accounts.queries import HelpView
from loom_app.kit.actor import Actor
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


class FindForm(TypedDict):
    email: str


class ReasonForm(TypedDict):
    reason: str


@dataclass(frozen=True)
class PersonRow:
    """Who was looked up, in words; `can_reset`: they have a second factor, and nobody began."""

    id: int = 0
    name: str = ""
    email: str = ""
    since: str = ""
    sign_ins: str = ""
    factor: str = ""
    password: str = ""
    waits: str = ""
    can_reset: bool = False
    may_help: bool = False


class PeopleState(Problems, rx.State):
    """For who may help: others are led away, and every action says no to them."""

    loaded: bool = False
    person: PersonRow = PersonRow()
    asking: str = ""  # "end" or "reset" while its question is open
    working: bool = False

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (_, me):
            if not me.may("people.help"):
                return rx.redirect("/sessions", replace=True)
            self.person, self.asking, self.working = PersonRow(), "", False
            self.loaded = True
        return None

    @rx.event
    async def find(self, form: FindForm) -> None:
        self.person = PersonRow()
        async with acting(self, limit="answer") as (tx, me):
            self.person = _row(await actions.look_up(tx, me, form["email"]), me)

    @rx.event
    def ask(self, what: str) -> None:
        """Open a question; "" closes it."""
        self.asking, self.errors = what if what in ("end", "reset") else "", {}

    @rx.event
    def turn(self, opened: bool) -> None:
        if not opened:
            self.asking, self.errors = "", {}

    @rx.event
    async def end(self, form: ReasonForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="answer") as (tx, me):
            many = await actions.end_sessions_of(tx, me, self.person.id, form["reason"])
            self.person = _row(await actions.helped(tx, me, self.person.id), me)
            self.asking = ""
            await say(self, tn("{n} sign-in has ended.", "{n} sign-ins have ended.", many))

    @rx.event
    async def reset_factor(self, form: ReasonForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="answer") as (tx, me):
            await actions.ask_factor_reset(tx, me, self.person.id, form["reason"])
            self.person = _row(await actions.helped(tx, me, self.person.id), me)
            self.asking = ""
            await say(self, t("They have a mail with a link that opens in a day."))


def _row(one: HelpView, me: Actor) -> PersonRow:
    factor = t("None")
    if one.factor_since:
        left = tn("{n} recovery code left", "{n} recovery codes left", one.codes_left)
        day = times.day_and_year(one.factor_since, me.zone)
        factor = t("On since {day}, {codes}", day=day, codes=left)
    seen = t("last used {ago}", ago=times.ago(one.last_seen)) if one.last_seen else ""
    many = tn("{n} device", "{n} devices", one.sign_ins)
    days = one.password_changed.days
    return PersonRow(
        id=one.id,
        name=one.name,
        email=one.email,
        since=times.day_and_year(one.since, me.zone),
        sign_ins=", ".join(part for part in (many, seen) if part),
        factor=factor,
        password=tn("Chosen {n} day ago", "Chosen {n} days ago", days)
        if days
        else t("Chosen today"),
        waits=t("Can be taken away from {when} on", when=times.when(one.reset_due, me.zone))
        if one.reset_due
        else "",
        can_reset=one.factor_since is not None and one.reset_due is None,
        may_help=one.within and one.id != me.person_id,
    )
