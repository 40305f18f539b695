"""A coach's public profile: a draft until it is published."""

from typing import Any

import reflex as rx

from loom_app.domains.coaches import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t
from loom_app.ui.offerings import form as forms
from loom_app.ui.offerings.form import ProfileTyped
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting


class CoachProfileState(Problems, rx.State):
    """One's own profile in the editor."""

    loaded: bool = False
    profile: ProfileTyped = ProfileTyped()
    currencies: list[list[str]] = []
    form_key: int = 0
    verified: bool = False
    _spot: str = ""

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/settings", replace=True)
            await self._fill(tx, me, typing=came_back(self, self._spot))
            self._spot = spot(self)
        return None

    async def _fill(self, tx: Tx, me: Actor, *, typing: bool = False) -> None:
        self.profile = forms.typed_profile(await queries.my_profile_form(tx, me))
        self.verified = (await queries.my_standing(tx, me)).verified_at is not None
        self.currencies = forms.currencies(self.profile.currency)
        if not typing:  # else a form begun anew would lose what stands in it
            self.form_key += 1
        self.loaded = True

    @rx.event
    async def save(self, form: dict[str, Any]) -> None:
        done = False
        async with acting(self, limit="save") as (tx, me):
            await actions.save_profile(tx, me, forms.profile_edit(form))
            await self._fill(tx, me)
            done = True
        if done:
            await say(self, t("Your profile is saved."))
        elif self.errors:
            await say(self, t("Something is not right yet: see the fields marked in red."), "error")

    @rx.event
    async def publish(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.publish(tx, me)
            await self._fill(tx, me)
            await say(self, t("Everybody can find and book you now."))

    @rx.event
    async def unpublish(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.unpublish(tx, me)
            await self._fill(tx, me)
            await say(self, t("Your page is a draft again. Booked sessions stay."))
