"""Mails about one's own data: the file is ready, the account ends, and what stands in the way."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.domains.privacy import events as privacy
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on
from loom_app.kit.i18n import times
from loom_app.kit.text import t

PAGE = "/settings/data"


@on(privacy.ExportReady)
async def tell_export(tx: Tx, event: privacy.ExportReady) -> None:
    await notify(tx, event.user_id, "data.ready", key=str(event.export_id), facts={})


@on(privacy.DeletionAsked)
async def tell_leaving(tx: Tx, event: privacy.DeletionAsked) -> None:
    due = event.due_at.isoformat()
    await notify(tx, event.user_id, "account.leaving", key=due, facts={"due": due})


@on(privacy.DeletionWaits)
async def tell_waits(tx: Tx, event: privacy.DeletionWaits) -> None:
    await notify(tx, event.user_id, "account.leaving_waits", key=event.due_at.isoformat(), facts={})


async def _ready(_tx: Tx, _facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Your data is ready"),
        lines=[
            t("the file with all that Loom has of you is made."),
            t("It can be downloaded for 24 hours, by you alone; then it is removed."),
        ],
        action=t("Download it"),
        path=PAGE,
    ), None


async def _leaving(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    day = times.day_and_year(datetime.fromisoformat(facts["due"]), person.zone)
    return Letter(
        subject=t("Your account will be deleted on {day}", day=day),
        lines=[
            t("you asked for your account to be deleted. Until {day} nothing is lost.", day=day),
            t("If it was not you, or you think better of it: keep it with one click."),
        ],
        action=t("Keep my account"),
        path=PAGE,
    ), None


async def _waits(_tx: Tx, _facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Your account could not be deleted yet"),
        lines=[
            t("its day has come, and something has to be settled first: the page says what."),
            t("Once it is, the account is deleted within the hour."),
        ],
        action=t("See what it is"),
        path=PAGE,
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "data.ready": _ready,
    "account.leaving": _leaving,
    "account.leaving_waits": _waits,
}
