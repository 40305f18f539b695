"""The appearance that a person chose: kept with the account, so that other devices follow."""

import reflex as rx

from loom_app.domains.accounts import actions as accounts
from loom_app.ui.session import acting


class ThemeState(rx.State):
    """Has no vars: what was chosen comes back by `Viewer.theme`, in every open tab."""

    @rx.event
    async def choose(self, theme: str) -> None:
        async with acting(self, limit="save") as (tx, me):
            await accounts.set_theme(tx, me, theme)
