"""Mails about what looks suspicious: to the person whose account it is, and to staff."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from loom_app.domains.accounts import events as accounts
from loom_app.domains.accounts import queries as account_queries
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on
from loom_app.kit.i18n import times
from loom_app.kit.text import t

TO_THE_PERSON = frozenset({"new_country", "new_device", "many_failures", "wrong_codes"})


@on(accounts.LooksSuspicious)
async def tell_suspicious(tx: Tx, event: accounts.LooksSuspicious) -> None:
    """Of sign-ins from a new place only the person hears; of all else staff does, too."""
    async with tx.acting_as_system("notifications.tell"):
        staff = await account_queries.staff_who_may(tx, "audit.read")
    key, about = str(event.flag_id), event.detail | {"kind": event.kind, "address": event.address}
    about["at"] = tx.now.isoformat()
    if event.person_id is not None and event.kind in TO_THE_PERSON:
        await notify(tx, event.person_id, "account.suspicious", key=key, facts=about)
    if event.kind not in {"new_country", "new_device"}:
        told = {"kind": event.kind, "many": event.detail.get("many", 0)}
        for person_id in staff:
            await notify(tx, person_id, "audit.suspicious", key=key, facts=told)


async def _to_person(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    new = facts["kind"] in {"new_country", "new_device"}
    device = " · ".join(part for part in (facts.get("browser"), facts.get("system")) if part)
    rows = [
        (t("When"), times.when(datetime.fromisoformat(facts["at"]), person.zone)),
        (t("Where"), ", ".join(p for p in (facts.get("country"), facts["address"]) if p)),
        (t("Device"), device),
    ]
    return Letter(
        subject=t("A new sign-in to your account")
        if new
        else t("Somebody tries to get into your account"),
        lines=[
            t("your account was signed in to from a place that it had not seen before.")
            if new
            else t("a wrong password or code was given many times for your account."),
            t("Was it you? Then all is well. If not, sign it out and change your password."),
        ],
        action=t("See your sign-ins"),
        path="/settings/security",
        facts=[(name, value) for name, value in rows if value],
    ), None


async def _to_staff(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    words = {
        "many_failures": t("one account had many failed sign-ins within an hour."),
        "many_failures_from": t("one address failed to sign in many times within an hour."),
        "wrong_codes": t("one account had many wrong codes within an hour."),
        "many_exports": t("one person took out data many times within a day."),
    }
    return Letter(
        subject=t("Something suspicious in the audit trail"),
        lines=[words.get(facts["kind"], str(facts["kind"])), t("Times: {n}", n=facts["many"])],
        action=t("Open the audit trail"),
        path="/staff/audit",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "account.suspicious": _to_person,
    "audit.suspicious": _to_staff,
}
