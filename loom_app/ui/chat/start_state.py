"""Beginning a conversation: with somebody, or as a group of one's clients."""

from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import Reachable
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting


class GroupForm(TypedDict):
    title: str


class StartState(Problems, rx.State):
    """`people` are whom one may write to; `picked` are those chosen for a group, and `clients` says
    whether one has any to gather."""

    opened: bool = False
    people: list[Reachable] = []
    grouping: bool = False
    clients: bool = False
    picked: list[int] = []

    @rx.event
    async def open(self, opened: bool) -> None:
        """Open or close the dialog."""
        self.opened, self.grouping, self.picked, self.errors = opened, False, [], {}
        if opened:
            async with acting(self) as (tx, me):
                self.people = await queries.reachable(tx, me)
                self.clients = me.is_coach and any(one.client for one in self.people)

    @rx.event
    async def start(self, person_id: int) -> Any:
        self.opened = False
        async with acting(self) as (tx, me):
            started = await messaging.start(tx, me, person_id)
            return rx.redirect(f"/messages/{started}")

    @rx.event
    async def gather(self, grouping: bool) -> None:
        """Choose several people, or one again."""
        self.grouping, self.picked, self.errors = grouping, [], {}

    @rx.event
    async def pick(self, person_id: int) -> None:
        """Choose somebody for the group, or not after all."""
        if person_id in self.picked:
            self.picked = [one for one in self.picked if one != person_id]
        elif any(one.id == person_id for one in self.people):
            self.picked = [*self.picked, person_id]

    @rx.event
    async def create(self, form: GroupForm) -> Any:
        async with acting(self, limit="save") as (tx, me):
            made = await messaging.create_group(tx, me, form["title"], self.picked)
            self.opened = False
            return rx.redirect(f"/messages/{made}")
