"""Setting up an authenticator app, and the recovery codes that are shown once."""

from urllib.parse import quote

import reflex as rx
import segno
from pyotp.totp import TOTP
from typing_extensions import TypedDict

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

ISSUER = "Loom"


class CodeForm(TypedDict):
    code: str


def qr_code(secret: str, account: str) -> str:
    """A picture of what an app needs, as a data address."""
    uri = TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)
    return segno.make(uri, error="m").svg_data_uri(scale=5, border=3, light="white", dark="#1a1715")


class SecondFactorState(Problems, rx.State):
    """Off, being set up, on; and codes that were just made."""

    loaded: bool = False
    since: str = ""
    codes_left: int = 0
    wanted: bool = False  # of staff, and without it
    staff: bool = False
    secret: str = ""
    picture: str = ""
    codes: list[str] = []
    codes_text: str = ""
    codes_file: str = ""

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            self._put_away()
            await self._read(tx, me)
            self.loaded = True

    async def _read(self, tx: Tx, me: Actor) -> None:
        found = await queries.my_second_factor(tx, me)
        self.since = times.day_and_year(found.since, me.zone) if found.since else ""
        self.codes_left = found.codes_left
        self.wanted, self.staff = me.lacks_factor, me.lacks_factor or me.is_staff

    def _put_away(self) -> None:
        """Nothing secret stays in the tab once it is not needed."""
        self.secret = self.picture = self.codes_text = self.codes_file = ""
        self.codes, self.errors = [], {}

    def _show(self, codes: list[str]) -> None:
        self.codes, self.codes_text = codes, "\n".join(codes)
        file = "\n".join([t("Loom recovery codes. Each works once."), *codes, ""])
        self.codes_file = f"data:text/plain;charset=utf-8,{quote(file)}"

    @rx.event
    async def begin(self) -> None:
        """A secret for an app, as picture and as letters."""
        async with acting(self, limit="save") as (tx, me):
            secret = await accounts.begin_second_factor(tx, me)
            profile = await queries.my_profile(tx, me)
            self._put_away()
            self.picture = qr_code(secret, profile.email)
            self.secret = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))

    @rx.event
    async def confirm(self, form: CodeForm) -> None:
        """The first code of the app switches it on."""
        async with acting(self, limit="save") as (tx, me):
            codes = await accounts.confirm_second_factor(tx, me, form["code"])
            await self._read(tx, me)
            self._put_away()
            self.wanted = False
            self._show(codes)

    @rx.event
    async def new_codes(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            codes = await accounts.renew_recovery_codes(tx, me)
            await self._read(tx, me)
            self._put_away()
            self._show(codes)

    @rx.event
    async def cancel(self) -> None:
        self._put_away()

    @rx.event
    async def keep(self) -> None:
        """It is not lost, whatever staff was told."""
        async with acting(self, limit="save") as (tx, me):
            await accounts.stop_my_factor_reset(tx, me)
            await say(self, t("It is stopped. Your second factor stays."))

    @rx.event
    async def remove(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await accounts.remove_second_factor(tx, me)
            self._put_away()
            await self._read(tx, me)
            await say(self, t("Your second factor is off."))
