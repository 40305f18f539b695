"""When one is reminded of sessions."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import reflex as rx

from loom_app.domains.notifications import reminders
from loom_app.kit.i18n import times
from loom_app.kit.text import t as say_words
from loom_app.ui.design.card import card
from loom_app.ui.design.field import checkbox
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting
from loom_app.ui.text import t


@dataclass(frozen=True)
class Choice:
    """A time ahead in minutes, in words, and whether it is chosen."""

    minutes: int
    words: str
    chosen: bool


class RemindersState(Problems, rx.State):
    """Every choice there is; each is saved as it is made."""

    choices: list[Choice] = []

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            self._draw(await reminders.reminder_times(tx, me.require_person()))

    @rx.event
    async def choose(self, minutes: int, chosen: bool) -> None:
        """Be reminded so long ahead, or not."""
        async with acting(self, limit="save") as (tx, me):
            now = set(await reminders.reminder_times(tx, me.require_person()))
            wanted = now | {minutes} if chosen else now - {minutes}
            await reminders.save_reminder_times(tx, me, wanted)
            self._draw(list(wanted))
            words = (
                say_words("You are reminded before each session.")
                if wanted
                else say_words("You are not reminded of sessions.")
            )
            await say(self, words)

    def _draw(self, chosen: list[int]) -> None:
        self.choices = [
            Choice(n, _words(n), n in chosen) for n in sorted(reminders.CHOICES, reverse=True)
        ]


def _words(minutes: int) -> str:
    return say_words("{span} before", span=times.span(timedelta(minutes=minutes)))


def _choice(item: rx.Var[Choice]) -> rx.Component:
    one: Any = item
    return checkbox(
        one.words,
        f"remind-{one.minutes}",
        checked=one.chosen,
        on_change=lambda chosen: RemindersState.choose(one.minutes, chosen),
    )


def reminders_card() -> rx.Component:
    return rx.cond(
        RemindersState.choices.length() > 0,
        card(
            rx.el.h2(t("Reminders of sessions"), class_name="text-lg font-semibold"),
            rx.el.p(
                t("In your time zone, and once each whatever is moved."),
                class_name="mb-2 mt-1 text-base text-muted",
            ),
            rx.el.div(
                rx.foreach(RemindersState.choices, _choice),
                class_name="grid gap-x-6 sm:grid-cols-2",
            ),
        ),
        rx.fragment(),
    )
