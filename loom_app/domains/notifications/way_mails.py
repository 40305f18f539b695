"""Mails about other ways into an account: asked for, opened, closed."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts import events
from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on
from loom_app.kit.text import t


@on(events.ConnectionAsked)
async def ask_account(tx: Tx, event: events.ConnectionAsked) -> None:
    facts = {"visit_id": event.visit_id, "provider": event.provider}
    await notify(tx, event.user_id, "account.connect", key=str(event.visit_id), facts=facts)


@on(events.IdentityLinked)
async def tell_linked(tx: Tx, event: events.IdentityLinked) -> None:
    facts = {"provider": event.provider}
    await notify(tx, event.user_id, "account.linked", key=str(event.identity_id), facts=facts)


@on(events.IdentityUnlinked)
async def tell_unlinked(tx: Tx, event: events.IdentityUnlinked) -> None:
    facts = {"provider": event.provider}
    await notify(tx, event.user_id, "account.unlinked", key=str(event.identity_id), facts=facts)


async def _connect(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    way = accounts.way_name(facts["provider"])
    token = accounts.connection_token(facts["visit_id"])
    return Letter(
        subject=t("Sign in with {way}?", way=way),
        lines=[
            t("somebody signed in with {way} under your address. Was it you?", way=way),
            t(
                "Then open this within 30 minutes, in the same browser, and you can sign in with"
                " {way} from now on. If it was not you, do nothing.",
                way=way,
            ),
        ],
        action=t("Yes, that was me"),
        path=f"/connect?mail={token}",
    ), None


async def _linked(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    way = accounts.way_name(facts["provider"])
    return Letter(
        subject=t("You can sign in with {way} now", way=way),
        lines=[
            t("{way} was linked to your account and opens it from now on.", way=way),
            t("If that was not you, unlink it and change your password."),
        ],
        action=t("See your ways to sign in"),
        path="/settings/security",
    ), None


async def _unlinked(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    way = accounts.way_name(facts["provider"])
    return Letter(
        subject=t("{way} was unlinked", way=way),
        lines=[
            t("{way} does not open your account any more.", way=way),
            t("If that was not you, change your password and link it anew."),
        ],
        action=t("See your ways to sign in"),
        path="/settings/security",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "account.connect": _connect,
    "account.linked": _linked,
    "account.unlinked": _unlinked,
}
