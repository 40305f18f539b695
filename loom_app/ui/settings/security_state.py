"""Keeping one's account one's own: password, address, and where one is signed in."""

from dataclasses import dataclass

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


@dataclass(frozen=True)
class SignInRow:
    """A sign-in as the list shows it."""

    id: int
    device: str
    place: str
    used: str
    here: bool


class AddressForm(TypedDict):
    email: str


def _row(one: queries.SignInView, me: Actor) -> SignInRow:
    device = " · ".join(part for part in (one.browser, one.system) if part)
    since = t("since {day}", day=times.day_and_year(one.created_at, me.zone))
    used = t("Used {ago}", ago=times.ago(one.seen_at))
    return SignInRow(
        one.id,
        device or t("An unknown browser"),
        ", ".join(part for part in (one.country, one.address) if part),
        f"{used}, {since}",
        one.id == me.session_id,
    )


class SecurityState(Problems, rx.State):
    """The page's list; the person's other tabs agree. The password form is posted by the browser
    and answers in the address."""

    loaded: bool = False
    email: str = ""
    asked: str = ""  # the address that a link is on its way to
    sign_ins: list[SignInRow] = []

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            person = me.require_person()
            topics = [f"person:{person}:sign-ins", f"person:{person}:profile"]
            live.watch(self, topics, "_changed")
            await self._read(tx, me)
            self.loaded, self.asked = True, ""
            self.errors = self._answered()
            if self.router.url.query_parameters.get("done") == "password":
                await say(self, t("Your password is changed; other devices are signed out."))

    def _answered(self) -> dict[str, str]:
        """What the password form was refused for."""
        query = self.router.url.query_parameters
        seconds = query.get("seconds", "1")
        wait = t(
            "Too many tries. Wait {n} seconds and try again.",
            n=seconds if seconds.isdecimal() else 1,
        )
        return {
            "current": {"current": t("This is not your password.")},
            "wait": {"current": wait},
            "weak": {
                "password": t(
                    "Use 12 to 128 characters that are hard to guess: a few unrelated words."
                )
            },
        }.get(query.get("problem", ""), {})

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._read(tx, me)

    async def _read(self, tx: Tx, me: Actor) -> None:
        self.sign_ins = [_row(one, me) for one in await queries.my_sign_ins(tx, me)]
        self.email = (await queries.my_profile(tx, me)).email

    @rx.event
    async def end(self, session_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await accounts.end_session(tx, me, session_id)
            await self._read(tx, me)
            await say(self, t("That device is signed out."))

    @rx.event
    async def end_others(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            ended = await accounts.end_other_sessions(tx, me)
            await self._read(tx, me)
            await say(self, tn("{n} device is signed out.", "{n} devices are signed out.", ended))

    @rx.event
    async def ask_address(self, form: AddressForm) -> None:
        """A link goes to the new address; nothing changes before it is opened."""
        async with acting(self, limit="save") as (tx, me):
            self.asked = await accounts.ask_address_change(tx, me, form["email"])
