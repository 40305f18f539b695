"""Whom one has blocked, and lifting it."""

import reflex as rx

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.moderation import actions as moderation
from loom_app.domains.moderation import queries
from loom_app.kit.realtime.signals import Signal
from loom_app.ui import live
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.session import acting
from loom_app.ui.text import t


class BlocksState(rx.State):
    """Newest first; other tabs of the person agree."""

    people: list[PersonView] = []

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.require_person()}:blocks"], "_changed")
            self.people = await queries.blocked_by_me(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            self.people = await queries.blocked_by_me(tx, me)

    @rx.event
    async def unblock(self, person_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await moderation.unblock(tx, me, person_id)


def _person(person: rx.Var[PersonView]) -> rx.Component:
    return rx.el.li(
        avatar(person.initials, person.hue, person.avatar_url, size="sm"),
        rx.el.span(person.name, class_name="min-w-0 truncate text-base", dir="auto"),
        button(
            t("Unblock"),
            kind="secondary",
            size="sm",
            aria_label=t("Unblock {name}", name=person.name),
            on_click=BlocksState.unblock(person.id),
            class_name="ml-auto",
        ),
        key=person.id,
        class_name="flex min-h-12 items-center gap-3",
    )


def blocked_people() -> rx.Component:
    """The part of the settings page."""
    return card(
        rx.el.h2(t("Blocked people"), class_name="text-lg font-semibold"),
        rx.cond(
            BlocksState.people.length() > 0,
            rx.el.ul(
                rx.foreach(BlocksState.people, _person), class_name="mt-3 flex flex-col gap-1"
            ),
            rx.el.p(
                t("Nobody. Block somebody from your conversation with them."),
                class_name="mt-1 text-base text-muted",
            ),
        ),
    )
