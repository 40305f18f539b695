"""This browser and the person's others: which take pushes."""

from dataclasses import dataclass
from typing import Literal, get_args

import reflex as rx

from loom_app.domains.notifications import devices
from loom_app.integrations.push import vapid
from loom_app.integrations.push.client import Subscription
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

Status = Literal["none", "denied", "off", "on", "failed"]


@dataclass(frozen=True)
class DeviceRow:
    """A browser as the list shows it."""

    id: int
    name: str
    used: str


class PushState(Problems, rx.State):
    """`status` is "" until the browser has said it; `later`: asking was put away here."""

    status: str = ""
    key: str = ""
    rows: list[DeviceRow] = []
    later: str = rx.LocalStorage("", name="loom_push_later")
    _endpoint: str = ""

    @rx.event
    async def found(self, status: str, endpoint: str) -> None:
        """What this browser is, with each connection. One that is signed in to again is under the
        sign-in of now."""
        if status not in get_args(Status):
            return
        self.key = vapid.public_key()
        self._endpoint = endpoint[:1000]
        if status != "on":
            self.status = status
            return
        async with acting(self, limit="page") as (tx, me):
            live.watch(self, [devices.changed_topic(me.require_person())], "_changed")
            await self._look(tx, me)

    @rx.event
    async def load(self) -> None:
        """The list, for the page that shows it."""
        async with acting(self, limit="page") as (tx, me):
            live.watch(self, [devices.changed_topic(me.require_person())], "_changed")
            await self._list(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._list(tx, me)
            if self._endpoint:
                await self._look(tx, me)

    async def _look(self, tx: Tx, me: Actor) -> None:
        """ "stale" has the browser subscribe anew, with the key of now."""
        self.status = await devices.is_here(tx, me, self._endpoint)

    async def _list(self, tx: Tx, me: Actor) -> None:
        self.rows = [_row(one, me.zone) for one in await devices.mine(tx, me)]

    @rx.event
    async def subscribed(self, endpoint: str, p256dh: str, auth: str) -> None:
        async with acting(self, limit="save") as (tx, me):
            again = self.status == "stale"
            if again and self._endpoint != endpoint:
                await devices.forget(tx, me, self._endpoint)
            await devices.keep(tx, me, Subscription(endpoint, p256dh, auth))
            self._endpoint, self.status = endpoint, "on"
            live.watch(self, [devices.changed_topic(me.require_person())], "_changed")
            await self._list(tx, me)
            if not again:  # nobody has asked for anything
                await say(self, t("This device gets word of what happens while Loom is closed."))

    @rx.event
    async def left(self, endpoint: str) -> None:
        """This browser was unsubscribed by its person."""
        async with acting(self, limit="save") as (tx, me):
            await devices.forget(tx, me, endpoint or self._endpoint)
            self.status, self._endpoint = "off", ""
            await self._list(tx, me)
            await say(self, t("This device gets nothing more."))

    @rx.event
    async def remove(self, device_id: int) -> None:
        """Another device, or this one."""
        async with acting(self, limit="save") as (tx, me):
            await devices.remove(tx, me, device_id)
            await self._list(tx, me)
            if self._endpoint:
                await self._look(tx, me)
            await say(self, t("That device gets nothing more."))

    @rx.event
    def put_off(self) -> None:
        """Not asked again in this browser; the settings still offer it."""
        self.later = "1"


def _row(one: devices.DeviceView, zone: str) -> DeviceRow:
    since = t("Since {day}", day=times.day_and_year(one.created_at, zone))
    used = t("last reached {ago}", ago=times.ago(one.used_at)) if one.used_at else t("not used yet")
    if one.stale:
        used = t("gets them again once Loom is opened there")
    return DeviceRow(one.id, one.name or t("An unknown browser"), f"{since}, {used}")
