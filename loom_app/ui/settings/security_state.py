"""One's own sign-ins: which there are, and ending them."""

from dataclasses import dataclass

import reflex as rx

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
    """The page's list; the person's other tabs agree."""

    loaded: bool = False
    sign_ins: list[SignInRow] = []

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.require_person()}:sign-ins"], "_changed")
            await self._read(tx, me)
            self.loaded = True

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._read(tx, me)

    async def _read(self, tx: Tx, me: Actor) -> None:
        self.sign_ins = [_row(one, me) for one in await queries.my_sign_ins(tx, me)]

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
