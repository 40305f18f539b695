"""Reading one's sessions in the calendar one uses anyway."""

from typing import Any

import reflex as rx

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t as say_words
from loom_app.ui.design.browser.copy_text import copy_text, is_copied
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.field import INPUT
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting
from loom_app.ui.text import t


class CalendarState(Problems, rx.State):
    """The secret address, in the two ways that programs want it."""

    address: str = ""
    web: str = ""
    loaded: bool = False
    asking: bool = False

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)
            self.loaded, self.asking = True, False

    @rx.event
    async def renew(self) -> None:
        """The first address, or another one in its place."""
        async with acting(self, limit="save") as (tx, me):
            await scheduling.renew_feed(tx, me)
            before = self.address
            await self._fill(tx, me)
            self.asking = False
            if before:
                await say(self, say_words("The old address leads nowhere now."))

    @rx.event
    async def end(self) -> None:
        """Take the address away."""
        async with acting(self, limit="save") as (tx, me):
            await scheduling.end_feed(tx, me)
            await self._fill(tx, me)
            self.asking = False
            await say(self, say_words("No calendar can read your sessions any more."))

    @rx.event
    def ask(self, opened: bool) -> None:
        """Open or close the question before a change."""
        self.asking = opened

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self.address = await queries.feed_address(tx, me)
        self.web = "webcal" + self.address[self.address.find(":") :] if self.address else ""


def _change() -> rx.Component:
    return dialog(
        t("Change the address?"),
        text=t("Calendars that use it stop being updated. Do this when somebody else knows it."),
        trigger=button(t("Change"), kind="ghost"),
        opened=CalendarState.asking,
        on_open_change=CalendarState.ask,
        actions=(
            dialog_close(button(t("Keep it"), kind="secondary")),
            button(t("Take it away"), kind="secondary", on_click=CalendarState.end),
            button(t("Make a new one"), on_click=CalendarState.renew),
        ),
    )


def _address() -> rx.Component:
    address: Any = CalendarState.address
    return rx.fragment(
        rx.el.input(
            value=address,
            read_only=True,
            aria_label=t("Secret address"),
            class_name=f"{INPUT} w-full font-mono text-sm",
        ),
        rx.el.div(
            link_button(
                t("Subscribe"),
                CalendarState.web,
                icon_name="calendar-plus",
                custom_attrs={"reloadDocument": True},
            ),
            button(
                rx.cond(is_copied(address), t("Copied"), t("Copy address")),
                kind="secondary",
                icon_name="copy",
                custom_attrs={"onClick": copy_text(address)},
            ),
            _change(),
            class_name="mt-4 flex flex-wrap gap-3",
        ),
    )


def calendar_card() -> rx.Component:
    return rx.cond(
        CalendarState.loaded,
        card(
            rx.el.h2(t("Your calendar"), class_name="text-lg font-semibold"),
            rx.el.p(
                t(
                    "Apple, Google, Outlook and others show your sessions when they subscribe to a"
                    " secret address. Who knows it sees your sessions, so keep it to yourself."
                ),
                class_name="mb-4 mt-1 text-base text-muted",
            ),
            rx.cond(
                CalendarState.address,
                _address(),
                button(
                    t("Make an address"),
                    kind="secondary",
                    icon_name="calendar-plus",
                    on_click=CalendarState.renew,
                ),
            ),
        ),
        rx.fragment(),
    )
