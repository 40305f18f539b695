"""What `/staff/integrations` shows, and its test buttons."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.operations import services
from loom_app.domains.operations.services import ServiceView
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.session import acting, minding
from loom_app.ui.staff.health_state import TOPIC


@dataclass(frozen=True)
class ServiceRow:
    """A service in words. `can_test`: a button makes a call."""

    key: str
    title: str
    what: str
    tone: str
    word: str
    told: str
    error: str
    needs: str
    can_test: bool


class IntegrationsState(rx.State):
    """For staff who may see it; `testing` is the service that is being asked, `said` what came of
    the tests, by service."""

    loaded: bool = False
    rows: list[ServiceRow] = []
    testing: str = ""
    said: dict[str, str] = {}
    failed: dict[str, bool] = {}

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.may("health.see"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, [TOPIC], "_anew")
            self.testing, self.said, self.failed = "", {}, {}
            await self._fill(tx, me)
        return None

    async def _anew(self, _signal: Any) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self.rows = [_row(one) for one in await services.views(tx, me)]
        self.loaded = True

    @rx.event
    async def test(self, key: str) -> Any:
        """Ask the service, with a limit of time, and show what came of it."""
        self.testing = key
        yield
        self.testing = ""
        async with minding(self, limit="service") as me:
            tested = await services.test(me, key)
            self.said = {**self.said, key: tested.words}
            self.failed = {**self.failed, key: not tested.ok}
        async with acting(self) as (tx, me):
            await self._fill(tx, me)


def _row(one: ServiceView) -> ServiceRow:
    service = one.service
    words = {
        "good": t("Works"),
        "bad": t("Last call failed"),
        "quiet": t("Set up, not used yet"),
        "off": t("Not set up"),
    }
    tones = {"good": "good", "bad": "bad", "quiet": "info", "off": "plain"}
    told = [t("Last worked {when}.", when=times.ago(one.worked_at))] if one.worked_at else []
    if one.failed_at:
        told.append(t("Last failed {when}.", when=times.ago(one.failed_at)))
    if one.state == "off":
        told = [service.instead]
    return ServiceRow(
        key=service.key,
        title=service.title,
        what=service.what,
        tone=tones[one.state],
        word=words[one.state],
        told=" ".join(told),
        error=one.error if one.state == "bad" else "",
        needs=", ".join(service.settings),
        can_test=service.on and service.probe is not None,
    )
