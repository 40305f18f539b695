"""A coach's invitations: made, seen, sent again, withdrawn."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.engagements import queries
from loom_app.domains.engagements.queries import InvitationView
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

PAGE = 50


class InviteForm(TypedDict):
    email: str
    name: str
    note: str


@dataclass(frozen=True)
class InvitationRow:
    """An invitation in the list; `again`: another mail may go now."""

    id: int
    name: str
    email: str
    state: str
    tone: str
    when: str
    waits: bool
    again: bool


def _row(one: InvitationView, me: Actor) -> InvitationRow:
    waits = one.state == "waiting"
    words, tone = {
        "waiting": (t("Waiting"), "info"),
        "accepted": (t("Accepted"), "good"),
        "declined": (t("Declined"), "plain"),
        "withdrawn": (t("Withdrawn"), "plain"),
        "expired": (t("Expired"), "plain"),
    }[one.state]
    if one.bounced and one.state in {"waiting", "expired"}:
        words, tone = t("Could not be delivered"), "bad"
    when = (
        t("Holds until {day}", day=times.day_and_year(one.expires_at, me.zone))
        if waits
        else times.day_and_year(one.answered_at or one.expires_at, me.zone)
    )
    again = waits and one.again_at is not None and one.again_at <= clock.now()
    return InvitationRow(one.id, one.name or one.email, one.email, words, tone, when, waits, again)


class InvitationsState(Problems, rx.State):
    """The list of one kind, newest first; which is said by the address."""

    loaded: bool = False
    view: str = "waiting"
    rows: list[InvitationRow] = []
    counts: dict[str, int] = {"waiting": 0, "accepted": 0, "over": 0}
    more: int = 0
    opened: bool = False
    busy: bool = False

    @rx.event
    async def load(self) -> Any:
        asked = self.router.url.query_parameters.get("view", "waiting")
        self.view = asked if asked in {"waiting", "accepted", "over"} else "waiting"
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/settings")
            live.watch(self, [f"person:{me.require_person()}:invitations"], "_changed")
            await self._read(tx, me)
            self.loaded = True
        return None

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._read(tx, me)

    async def _read(self, tx: Tx, me: Actor) -> None:
        many = max(PAGE, len(self.rows))
        found = await queries.my_invitations(tx, me, self.view, limit=many + 1)
        self.counts = dict(await queries.invitation_counts(tx, me))
        self._show(found, many, me)

    def _show(self, found: list[InvitationView], many: int, me: Actor) -> None:
        self.rows = [_row(one, me) for one in found[:many]]
        self.more = found[many - 1].id if len(found) > many else 0

    @rx.event
    async def load_more(self) -> None:
        async with acting(self) as (tx, me):
            found = await queries.my_invitations(
                tx, me, self.view, before=self.more, limit=PAGE + 1
            )
            self.rows = [*self.rows, *(_row(one, me) for one in found[:PAGE])]
            self.more = found[PAGE - 1].id if len(found) > PAGE else 0

    @rx.event
    async def open(self, opened: bool) -> None:
        self.opened, self.errors = opened, {}

    @rx.event
    async def invite(self, form: InviteForm) -> Any:
        self.busy = True
        yield
        self.busy = False
        async with acting(self, limit="save") as (tx, me):
            await engagements.invite(tx, me, form["email"], form["name"], form["note"])
            self.opened, self.errors = False, {}
            await self._read(tx, me)
            await say(self, t("The invitation is on its way."))

    @rx.event
    async def resend(self, invitation_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await engagements.resend(tx, me, invitation_id)
            await self._read(tx, me)
            await say(self, t("Another mail is on its way."))

    @rx.event
    async def withdraw(self, invitation_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await engagements.withdraw(tx, me, invitation_id)
            await self._read(tx, me)
            await say(self, t("The invitation is withdrawn. Its link opens nothing any more."))
