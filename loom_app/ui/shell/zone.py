"""The zone a page shows times in: the person's own, or what the visitor's browser says."""

import contextlib
import functools

import reflex as rx

from loom_app.kit.actor import Actor
from loom_app.kit.errors import DomainError
from loom_app.kit.i18n.times import check_zone
from loom_app.ui.design.browser.zone import STORED_AS


class BrowserZone(rx.State):
    """Comes with the connection from the browser's storage, so the first load has it: a claim."""

    name: str = rx.LocalStorage("", name=STORED_AS)


async def zone_for(state: rx.State, me: Actor) -> str:
    if me.person_id is not None:
        return me.zone
    return _checked((await state.get_state(BrowserZone)).name)


@functools.lru_cache(1000)
def _checked(told: str) -> str:
    """Cached: the list of all zones is read from disk each time."""
    with contextlib.suppress(DomainError):
        return check_zone(told)
    return "UTC"
