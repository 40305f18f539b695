"""What the sign-up form says back, and what a refused sign-in left in the address."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import errors, queries
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError, TooMany
from loom_app.kit.security import limits
from loom_app.kit.security.paths import safe_path
from loom_app.kit.text import t
from loom_app.ui import session
from loom_app.ui.problems import Problems, show_failure, show_problem
from loom_app.ui.session import public
from loom_app.ui.shell.zone import BrowserZone


class SignUpForm(TypedDict):
    name: str
    email: str
    password: str
    role: str
    zone: str


# what went wrong with another way in
WAY_PROBLEMS = {
    "way-lost": errors.WayLost().message,
    "way-denied": errors.WayDenied().message,
    "way-closed": errors.WayClosed().message,
    "way-taken": errors.WayTaken().message,
    "way-unchecked": errors.AddressUnchecked().message,
}


@dataclass(frozen=True)
class WayLink:
    """A provider, and the way there."""

    name: str
    href: str


def way_links(next_path: str) -> list[WayLink]:
    """Those that are set up; each leads on to where somebody was going."""
    return [
        WayLink(one.name, _onward(f"/auth/with/{one.key}", next_path)) for one in queries.ways_in()
    ]


class SignUpState(Problems, rx.State):
    """The sign-up form and its messages."""

    ways: list[WayLink] = []
    next_path: str = ""
    sign_in_href: str = "/sign-in"
    role: str = "client"
    zone: str = ""
    busy: bool = False

    @rx.event
    @public
    async def load(self) -> None:
        query = self.router.url.query_parameters
        self.next_path = safe_path(query.get("next", ""), "")
        self.sign_in_href = _onward("/sign-in", self.next_path)
        self.ways = way_links(self.next_path)
        self.role = "coach" if query.get("role") == "coach" else "client"
        self.zone = (await self.get_state(BrowserZone)).name or "UTC"
        self.errors, self.busy = {}, False

    @rx.event
    @public
    async def submit(self, form: SignUpForm) -> Any:
        """Make the account, or say what is wrong; the answer tells nobody who is registered."""
        self.busy, self.errors = True, {}
        yield
        done = False
        try:
            done = await self._sign_up(form)
        except DomainError as problem:
            await show_problem(self, problem)
        except Exception as error:  # noqa: BLE001 - the edge
            await show_failure(self, error)
        self.busy = False
        if done:
            yield rx.redirect("/check-mail")

    async def _sign_up(self, form: SignUpForm) -> bool:
        me = await session.actor_of(self.router_data)
        clean = accounts.check_sign_up(
            accounts.SignUp(
                form["name"],
                form["email"],
                form["password"],
                form["role"],
                form["zone"],
                self.next_path,
            )
        )
        if not await limits.admit("sign_up", _caller(self)):
            raise TooMany(t("Too many new accounts from here. Try again in an hour."))
        password_hash = await accounts.prepare_password(clean.password)
        async with transaction(me) as tx:
            await accounts.sign_up(tx, me, clean, password_hash)
        return True


def _onward(path: str, next_path: str) -> str:
    """The other form, without losing where somebody was going."""
    return f"{path}?next={quote(next_path, safe='/')}" if next_path else path


def _caller(state: rx.State) -> str:
    return str(state.router_data.get("ip", ""))


class SignInState(rx.State):
    """What the address says of a refused try."""

    ways: list[WayLink] = []
    problem: str = ""
    next_path: str = ""
    sign_up_href: str = "/sign-up"

    @rx.event
    @public
    async def load(self) -> Any:
        query = self.router.url.query_parameters
        self.next_path = safe_path(query.get("next", ""), "")
        self.sign_up_href = _onward("/sign-up", self.next_path)
        self.ways = way_links(self.next_path)
        seconds = query.get("seconds", "1")
        self.problem = {
            **WAY_PROBLEMS,
            "wrong": t("Email or password is wrong."),
            "slow": t("Too many tries from here. Wait ten minutes and try again."),
            "over": t("This took too long or too many tries. Sign in again."),
            "code": t("This code is not right. Wait for the next one, and try that."),
            "wait": t(
                "Too many tries. Wait {n} seconds and try again.",
                n=seconds if seconds.isdecimal() else 1,
            ),
        }.get(query.get("problem", ""), "")
        me = await session.actor_of(self.router_data)
        return rx.redirect(self.next_path or "/sessions") if me.person_id is not None else None


class VerifyState(rx.State):
    """The confirmation page: its token, and what was wrong with the last one."""

    token: str = ""
    problem: str = ""
    again: bool = False

    @rx.event
    @public
    async def load(self) -> None:
        query = self.router.url.query_parameters
        self.token = query.get("token", "")[:200]
        self.again = query.get("again") == "1"
        self.problem = {
            "used": t("This link was used already. Sign in, or ask for a new one."),
            "expired": t("This link has expired. Ask for a new one."),
            "unknown": t("This link is not complete. Open it from the mail once more."),
            "slow": t("Too many tries from here. Wait ten minutes and try again."),
        }.get(query.get("problem", ""), "")
