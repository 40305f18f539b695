"""Roles of staff: made, changed, given and taken; every open page follows at once."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.queries import StaffMemberView, StaffRoleView
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.engagements import queries as engagement_queries
from loom_app.domains.engagements.queries import InvitationView
from loom_app.kit import permissions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


@dataclass(frozen=True)
class InvitedRow:
    """An address that was invited to a role and has not answered."""

    id: int
    email: str


@dataclass(frozen=True)
class RoleRow:
    """A role as it is listed; `within`: the caller may give and take it."""

    id: int
    name: str
    owner: bool
    allowed: list[str]
    titles: str
    members: list[StaffMemberView]
    invited: list[InvitedRow]
    within: bool


@dataclass(frozen=True)
class Box:
    """A permission in the editor: `mine` can be ticked, the rest is more than one's own."""

    name: str
    area: str
    title: str
    words: str
    ticked: bool
    mine: bool


class MemberForm(TypedDict):
    role_id: str
    email: str


class RolesState(Problems, rx.State):
    """For who appoints staff: others are led away, and every action says no to them."""

    loaded: bool = False
    rows: list[RoleRow] = []
    boxes: list[Box] = []
    editing: int = -1  # the role in the editor; 0 a new one, -1 none
    name: str = ""
    dropping: int = 0
    working: bool = False

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.may("people.roles"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, ["staff:roles"], "_changed")
            self.editing, self.dropping, self.working = -1, 0, False
            await self._fill(tx, me)
        return None

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self, on_problem=lambda _: self._empty()) as (tx, me):
            await self._fill(tx, me)

    def _empty(self) -> None:
        """The caller is no more among those who may."""
        self.rows, self.editing, self.dropping = [], -1, 0

    async def _fill(self, tx: Tx, me: Actor) -> None:
        waiting = await engagement_queries.staff_invitations(tx, me)
        self.rows = [
            _row(one, waiting.get(one.id, []), me) for one in await queries.staff_roles(tx, me)
        ]
        self.loaded = True

    @rx.event
    async def edit(self, role_id: int) -> None:
        """Open the editor; 0 for a new role."""
        async with acting(self) as (_, me):
            me.require("people.roles")
            row = next((one for one in self.rows if one.id == role_id and not one.owner), None)
            allowed = row.allowed if row else []
            self.name = row.name if row else ""
            self.boxes = [
                Box(one.name, one.area, one.title, one.words, one.name in allowed, me.may(one.name))
                for one in permissions.catalogue()
            ]
            self.editing = role_id if row else 0

    @rx.event
    def close(self, opened: bool) -> None:
        if not opened:
            self.editing, self.errors = -1, {}

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            ticked = [name for name in permissions.names() if form.get(name)]
            await actions.save_role(tx, me, str(form.get("name", "")), ticked, self.editing)
            await self._fill(tx, me)
            self.editing = -1
            await say(self, t("Saved. It holds at once, also in open tabs."))

    @rx.event
    def ask_drop(self, role_id: int) -> None:
        """0 closes the question."""
        self.dropping = role_id

    @rx.event
    async def drop(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.drop_role(tx, me, self.dropping)
            await self._fill(tx, me)
            await say(self, t("The role is removed."))
        self.dropping = 0

    @rx.event
    async def give(self, form: MemberForm) -> None:
        number = int(form["role_id"]) if form["role_id"].isdecimal() else 0
        async with acting(self, limit="save", on_problem=self._beside(number)) as (tx, me):
            key = queries.email_key(form["email"])
            if await queries.ids_of_addresses(tx, [key]):
                await actions.give_role(tx, me, min(number, 2**53), form["email"])
                words = t("Appointed.")
            else:
                await engagements.invite_staff(tx, me, min(number, 2**53), form["email"])
                words = t("Nobody has an account with it yet, so an invitation is on its way.")
            await self._fill(tx, me)
            await say(self, words)

    @rx.event
    async def uninvite(self, invitation_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await engagements.withdraw_staff(tx, me, invitation_id)
            await self._fill(tx, me)
            await say(self, t("The invitation is withdrawn. Its link opens nothing any more."))

    def _beside(self, role_id: int) -> Any:
        """Every role has a field for an address: the message stands at the one that was used."""

        def show(problem: Exception) -> None:
            self.errors = {f"email{role_id}": str(problem)}

        return show

    @rx.event
    async def take(self, role_id: int, user_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.take_role(tx, me, role_id, user_id)
            await say(self, t("The role is taken away."))
        await self._changed(Signal("staff:roles", 0))


def _row(one: StaffRoleView, waiting: list[InvitationView], me: Actor) -> RoleRow:
    titles = [each.title for each in permissions.catalogue() if each.name in one.permissions]
    return RoleRow(
        id=one.id,
        name=one.name,
        owner=one.owner,
        allowed=list(one.permissions),
        titles=t("Everything") if one.owner else " · ".join(titles),
        members=list(one.members),
        invited=[InvitedRow(each.id, each.email) for each in waiting],
        within=set(one.permissions) <= me.powers,
    )
