"""The profile form: saved without a reload, shown everywhere at once."""

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries
from loom_app.domains.accounts.queries import ProfileView
from loom_app.kit.text import t
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

EMPTY = ProfileView(0, "", "", "", "", "UTC", "en", "system", "", "", 0)


class ProfileForm(TypedDict):
    name: str
    pronouns: str
    bio: str
    zone: str


class SettingsState(Problems, rx.State):
    """One's own profile as it is stored."""

    profile: ProfileView = EMPTY
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            self.profile = await queries.my_profile(tx, me)
            self.loaded = True

    @rx.event
    async def save(self, form: ProfileForm) -> None:
        async with acting(self, limit="save") as (tx, me):
            edit = accounts.ProfileEdit(form["name"], form["zone"], form["pronouns"], form["bio"])
            await accounts.save_profile(tx, me, edit)
            self.profile = await queries.my_profile(tx, me)
            await say(self, t("Your profile is saved."))

    @rx.event
    async def uploaded(self, url: str, error: str) -> None:
        """The browser says what the upload route answered: a hint; the truth is read again."""
        async with acting(self) as (tx, me):
            self.profile = await queries.my_profile(tx, me)
            if error:
                await say(self, error[:200], "error")
            else:
                await say(self, t("Your picture is saved."))

    @rx.event
    async def remove_picture(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await accounts.set_avatar(tx, me, "")
            self.profile = await queries.my_profile(tx, me)
