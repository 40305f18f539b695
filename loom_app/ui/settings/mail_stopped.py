"""That mail to one's address came back and is not sent any more: said where one looks for it."""

import reflex as rx

from loom_app.domains.notifications import bounces
from loom_app.kit.i18n import times
from loom_app.kit.text import t
from loom_app.ui.design.alert import alert
from loom_app.ui.design.button import button
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


class MailStoppedState(Problems, rx.State):
    """`words` is empty where mail arrives."""

    words: str = ""

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            found = await bounces.mine(tx, me)
            self.words = _words(found, me.zone) if found else ""

    @rx.event
    async def works_again(self) -> None:
        async with acting(self, limit="test_notice") as (tx, me):
            await bounces.works_again(tx, me)
            self.words = ""
            await say(self, t("We write to you again. A test is on its way."))


def _words(found: bounces.Stopped, zone: str) -> str:
    day = times.when(found.at, zone)
    if found.reason == "complained":
        return t(
            "Since {when} we send no mail to your address: a mail of ours was marked as spam there."
            " Word of your account's security stands in your notifications alone.",
            when=day,
        )
    return t(
        "Since {when} we send no mail to your address: our mail came back. Word of your account's"
        " security stands in your notifications alone.",
        when=day,
    )


def mail_stopped() -> rx.Component:
    """Nothing where mail arrives."""
    again = button(
        t("This address works again"),
        kind="secondary",
        size="sm",
        on_click=MailStoppedState.works_again,
    )
    return alert(MailStoppedState.words, again)
