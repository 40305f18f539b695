"""What the whole platform says on every page: its name, the announcement, and that it is closed.

Read from this process's memory, and again at once when something is chosen, begins or ends.
"""

from typing import Any

import reflex as rx

from loom_app.domains.platform import queries as platform
from loom_app.kit.actor import Actor
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.settings import settings
from loom_app.ui import live
from loom_app.ui.design import accent
from loom_app.ui.session import actor_of, public
from loom_app.ui.shell.zone import zone_for

# where staff comes in while Loom is closed
WAYS_IN = ("/sign-in", "/confirm-it-is-you", "/settings/security")


class NoticeState(rx.State):
    """Of this tab; `phase` is "" as long as one can work, "closed", or "again" where it was closed
    and something this page asked for was not answered."""

    brand: str = "Loom"
    styles: str = ""
    support: str = ""
    text: str = ""
    kind: str = "info"
    mark: str = ""
    dismissible: bool = True
    phase: str = ""
    message: str = ""
    back_at: str = ""
    inside: bool = False  # closed for others, and this person is let in
    put_away: str = rx.LocalStorage("", name="loom_announcement")
    _missed: bool = False

    @rx.event
    @public
    async def follow(self) -> None:
        """With every page: what is said now, and from now on."""
        live.watch(self, [platform.NOW], "_changed")
        self._missed = False
        await self._say()

    async def _changed(self, _signal: Signal) -> None:
        await self._say()

    @rx.event
    @public
    def dismiss(self) -> None:
        """This announcement is read; the next one comes all the same."""
        self.put_away = self.mark

    async def _say(self) -> None:
        me = await actor_of(self.router_data)
        chosen = settings()
        self.brand, self.support = chosen.brand_name, chosen.support_address
        self.styles = accent.css("body", chosen.brand_accent, "auto")
        await self._announce(me)
        await self._close(me)

    async def _announce(self, me: Actor) -> None:
        found = platform.announcement()
        if found is None or not platform.concerns(found, me):
            self.text = ""
            return
        self.text, self.kind, self.dismissible = found.text, found.kind, found.dismissible
        self.mark = str(platform.announced())

    async def _close(self, me: Actor) -> None:
        closed = platform.maintenance()
        let_in = closed is not None and platform.lets_in(closed, me, network_of(self.router_data))
        self.inside = let_in
        if closed is None or let_in or self.router.url.path.startswith(WAYS_IN):
            self.phase = "again" if self._missed and not closed else ""
            return
        self.phase = "closed"
        self.message = platform.closed_words(closed)
        zone = await zone_for(self, me)
        self.back_at = times.when(closed.back_at, zone) if closed.back_at else ""

    def _miss(self) -> None:
        """Something this page asked for was not answered."""
        self._missed = True


def network_of(router_data: dict[str, Any]) -> str:
    return str(router_data.get("ip", ""))
