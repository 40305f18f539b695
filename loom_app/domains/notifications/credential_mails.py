"""Mails about the safety of an account: links that open one thing once, and what was changed."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from loom_app.domains.accounts import events
from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn


@on(events.ResetAsked)
async def mail_reset(tx: Tx, event: events.ResetAsked) -> None:
    facts = {"link_id": event.link_id}
    await notify(tx, event.user_id, "account.reset", key=str(event.link_id), facts=facts)


@on(events.AddressChangeAsked)
async def mail_new_address(tx: Tx, event: events.AddressChangeAsked) -> None:
    facts = {"link_id": event.link_id}
    await notify(tx, event.user_id, "account.new_address", key=str(event.link_id), facts=facts)


@on(events.AddressChanged)
async def mail_former_address(tx: Tx, event: events.AddressChanged) -> None:
    facts = {"link_id": event.link_id}
    await notify(tx, event.user_id, "account.former_address", key=str(event.link_id), facts=facts)


@on(events.PasswordChanged)
async def mail_password_changed(tx: Tx, event: events.PasswordChanged) -> None:
    now = tx.now.isoformat()
    await notify(tx, event.user_id, "account.password", key=now, facts={"at": now})


@on(events.SecondFactorChanged)
async def mail_second_factor(tx: Tx, event: events.SecondFactorChanged) -> None:
    now = tx.now.isoformat()
    facts = {"at": now, "what": event.what, "left": event.left}
    key = f"{event.what}:{now}:{event.left}"
    await notify(tx, event.user_id, "account.second_factor", key=key, facts=facts)


@on(events.SignedOutByStaff)
async def mail_signed_out(tx: Tx, event: events.SignedOutByStaff) -> None:
    now = tx.now.isoformat()
    await notify(tx, event.user_id, "account.signed_out", key=now, facts={"at": now})


@on(events.FactorResetAsked)
async def mail_factor_asked(tx: Tx, event: events.FactorResetAsked) -> None:
    facts = {"link_id": event.link_id, "at": event.due.isoformat()}
    await notify(tx, event.user_id, "account.factor_asked", key=str(event.link_id), facts=facts)


@on(events.FactorResetDue)
async def mail_factor_due(tx: Tx, event: events.FactorResetDue) -> None:
    facts = {"link_id": event.link_id}
    await notify(tx, event.user_id, "account.factor_due", key=str(event.link_id), facts=facts)


async def _reset(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Choose a new password"),
        lines=[
            t("somebody, probably you, asked for a new password for your account."),
            t("The link works once, for one hour. If it was not you, forget this mail."),
        ],
        action=t("Choose a new password"),
        path=f"/reset?token={accounts.link_token(facts['link_id'])}",
    ), None


async def _new_address(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Confirm your new address"),
        lines=[
            t("this address is to be the one of your Loom account. Confirm it, and it is."),
            t("The link works once, for one hour. If you did not ask for it, forget this mail."),
        ],
        action=t("Confirm your new address"),
        path=f"/new-address?token={accounts.link_token(facts['link_id'])}",
    ), None


async def _former_address(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Your address was changed"),
        lines=[
            t("the address of your Loom account is another one now. Mail goes there from now on."),
            t("If that was you, all is well."),
            t("If it was not, take it back within seven days: every device is signed out, too."),
        ],
        action=t("This was not me"),
        path=f"/undo-address?token={accounts.link_token(facts['link_id'])}",
    ), None


async def _password(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Your password was changed"),
        lines=[
            t("your password is another one since {when}.", when=_when(facts, person)),
            t("All other devices were signed out. If it was not you, choose a new one now."),
        ],
        action=t("This was not me"),
        path="/forgot",
    ), None


async def _second_factor(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    left, when = facts["left"], _when(facts, person)
    subject, words = {
        "on": (
            t("Your second factor is on"),
            t("signing in asks for a code of your app since {when}.", when=when),
        ),
        "off": (
            t("Your second factor is off"),
            t("signing in asks for your password alone since {when}.", when=when),
        ),
        "reset": (
            t("Your second factor was taken away"),
            t(
                "your second factor is gone since {when}, as you had lost it. Signing in asks for"
                " your password alone; set up a new app soon.",
                when=when,
            ),
        ),
        "codes": (
            t("New recovery codes"),
            t("your recovery codes were made anew, {when}; the old ones open nothing.", when=when),
        ),
        "used": (
            t("A recovery code was used"),
            tn(
                "a recovery code was used, {when}. {n} is left.",
                "a recovery code was used, {when}. {n} are left.",
                left,
                when=when,
            ),
        ),
    }[facts["what"]]
    return Letter(
        subject=subject,
        lines=[words, t("If it was not you, change your password and look at your devices.")],
        action=t("Open your security settings"),
        path="/settings/security",
    ), None


async def _signed_out(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("You were signed out everywhere"),
        lines=[
            t("our staff ended all your sign-ins, {when}.", when=_when(facts, person)),
            t("Nothing else was changed. Sign in again, and choose a new password if in doubt."),
        ],
        action=t("Sign in"),
        path="/sign-in",
    ), None


async def _factor_asked(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Somebody says that you lost your second factor"),
        lines=[
            t("our staff was told that you lost your app and your recovery codes."),
            t(
                "If that is so, this link lets you go on without them from {when} on. You need your"
                " password, too.",
                when=_when(facts, person),
            ),
            t("If it was not you, stop it by the same link now, and choose a new password."),
        ],
        action=t("See what is asked, or stop it"),
        path=f"/lost-second-factor?token={accounts.link_token(facts['link_id'])}",
    ), None


async def _factor_due(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("You can go on without your second factor"),
        lines=[
            t("a day has passed since you told our staff that you lost your app and your codes."),
            t("This link takes your second factor away. If it was not you, it stops that, too."),
        ],
        action=t("Go on without it, or stop it"),
        path=f"/lost-second-factor?token={accounts.link_token(facts['link_id'])}",
    ), None


def _when(facts: Facts, person: PersonView) -> str:
    return times.when(datetime.fromisoformat(facts["at"]), person.zone)


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "account.reset": _reset,
    "account.new_address": _new_address,
    "account.former_address": _former_address,
    "account.password": _password,
    "account.second_factor": _second_factor,
    "account.signed_out": _signed_out,
    "account.factor_asked": _factor_asked,
    "account.factor_due": _factor_due,
}
# sent to the address that the link is about, which is not the account's own
TO_LINK = frozenset({"account.new_address", "account.former_address"})
