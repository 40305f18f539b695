"""Somebody opened the link of an invitation: who they are decides what they can do with it."""

from typing import Any
from urllib.parse import quote

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts.errors import AddressKnown
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.engagements import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import BrowserZone

NOBODY = PersonView(0, "", "UTC", "", "", 0)


class DeclineForm(TypedDict):
    never_again: bool


class AnswerState(Problems, rx.State):
    """The invitation behind the link. `step` is what the page offers: "join" (make an account),
    "sign_in" (the address has one), "accept", "accepted", "declined", "over", "missing"."""

    loaded: bool = False
    step: str = ""
    token: str = ""
    inviter: PersonView = NOBODY
    email: str = ""
    name: str = ""
    zone: str = ""
    note: list[str] = []
    role: str = ""
    mine: bool = True
    problem: str = ""
    sign_in_href: str = "/sign-in"

    @rx.event
    @public
    async def load(self) -> None:
        query = self.router.url.query_parameters
        self.token = query.get("token", "")[:200]
        here = f"/invitation?token={self.token}"
        self.sign_in_href = f"/sign-in?next={quote(here, safe='/')}"
        self.zone = (await self.get_state(BrowserZone)).name or "UTC"
        async with acting(self) as (tx, me):
            await self._read(tx, me)
        wrong = query.get("problem", "")
        self.errors = {
            name: words
            for name, words in (
                ("name", t("Tell us your name.")),
                ("password", t("Use at least 12 characters that are hard to guess.")),
                ("zone", t("Choose what fits you best.")),
            )
            if name == wrong
        }
        self.problem = {
            "slow": t("Too many new accounts from here. Try again in an hour."),
            "known": AddressKnown().message,
        }.get(wrong, "")

    async def _read(self, tx: Tx, me: Actor) -> None:
        try:
            found = await queries.invited(tx, me, self.token)
        except NotFound:
            self.step, self.loaded = "missing", True
            return
        self.inviter, self.email, self.name = found.inviter, found.email, found.name
        self.note = [line for line in found.note.splitlines() if line]
        self.role, self.mine = found.role, found.mine
        self.step = _step(found, me)
        self.loaded = True

    @rx.event
    async def accept(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await engagements.accept(tx, me, self.token)
            await self._read(tx, me)

    @rx.event
    @public
    async def decline(self, form: DeclineForm) -> Any:
        async with acting(self, limit="answer") as (tx, me):
            never = form["never_again"]
            await engagements.decline(tx, me, self.token, never_again=never)
            await self._read(tx, me)


def _step(found: queries.InvitedView, me: Actor) -> str:
    if found.by_me:
        return "accepted"
    if found.state == "declined":
        return "declined"
    if found.state != "waiting":
        return "over"
    if me.person_id is not None:
        return "accept"
    return "sign_in" if found.known else "join"
