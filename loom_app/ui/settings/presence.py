"""Whether others see when one is here."""

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.kit.text import t as say_words
from loom_app.ui.design.card import card
from loom_app.ui.design.field import checkbox
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting
from loom_app.ui.text import t


class PresenceState(Problems, rx.State):
    """As it is stored; shown unless hidden."""

    shown: bool = True
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            self.shown = not await queries.hides_presence(tx, me)
            self.loaded = True

    @rx.event
    async def show(self, shown: bool) -> None:
        """Show oneself and see others, or neither."""
        async with acting(self, limit="save") as (tx, me):
            await messaging.hide_presence(tx, me, hidden=not shown)
            self.shown = shown
            words = (
                say_words("Others see when you are here.")
                if shown
                else say_words("Nobody sees when you are here.")
            )
            await say(self, words)


def presence_card() -> rx.Component:
    return rx.cond(
        PresenceState.loaded,
        card(
            rx.el.h2(t("Privacy"), class_name="mb-2 text-lg font-semibold"),
            checkbox(
                t("Show when I am here"),
                "presence",
                hint=t("Without it, you do not see when others are here either."),
                checked=PresenceState.shown,
                on_change=PresenceState.show,
            ),
        ),
        rx.fragment(),
    )
