"""The lists in which something can be changed, and by which action."""

from typing import Any

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.coaches import staff_actions as coaches
from loom_app.domains.operations import actions as operations
from loom_app.http.admin.views import ListingView, deed, in_transaction
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t


class People(ListingView):
    correct, edits = ("name",), "people.help"
    end = deed(
        "end",
        t("End all sign-ins"),
        "people.help",
        in_transaction(accounts.end_sessions_of),
    )
    factor = deed(
        "factor",
        t("Begin to take the second factor away"),
        "people.help",
        in_transaction(accounts.ask_factor_reset),
    )

    async def change(self, tx: Tx, me: Actor, row_id: int, data: dict[str, str]) -> None:
        await accounts.correct_name(tx, me, row_id, data["name"], data["reason"])


class Coaches(ListingView):
    correct, edits = ("headline", "bio"), "content.keep"
    hide = deed(
        "hide", t("Take out of the directory"), "content.keep", in_transaction(coaches.hide)
    )

    show = deed(
        "show", t("Let it be published again"), "content.keep", in_transaction(coaches.show)
    )

    async def change(self, tx: Tx, me: Actor, row_id: int, data: dict[str, str]) -> None:
        words = {name: data[name] for name in ("headline", "bio", "reason")}
        await coaches.correct_page(tx, me, row_id, **words)


class Offerings(ListingView):
    take_off = deed(
        "take_off",
        t("Take off sale"),
        "content.keep",
        in_transaction(coaches.take_off_sale),
    )


async def _send_again(tx: Tx, me: Actor, row_id: int, _reason: str) -> None:
    await operations.send_again(tx, me, row_id)


class Deliveries(ListingView):
    again = deed("again", t("Send again"), "queues.keep", in_transaction(_send_again), reason=False)
    drop = deed("drop", t("Drop"), "queues.keep", in_transaction(operations.drop_delivery))


async def _try_job(tx: Tx, me: Actor, row_id: int, _reason: str) -> None:
    await operations.try_job(tx, me, row_id)


class Jobs(ListingView):
    again = deed("again", t("Try again"), "queues.keep", in_transaction(_try_job), reason=False)
    drop = deed("drop", t("Drop"), "queues.keep", in_transaction(operations.drop_job))


async def _handle(me: Actor, row_id: int, _reason: str) -> None:
    await operations.handle_event(me, row_id)


class Webhooks(ListingView):
    again = deed("again", t("Handle again"), "events.replay", _handle, reason=False)
    drop = deed("drop", t("Drop"), "events.replay", in_transaction(operations.drop_event))


VIEWS: dict[str, Any] = {
    "people": People,
    "coaches": Coaches,
    "offerings": Offerings,
    "deliveries": Deliveries,
    "jobs": Jobs,
    "webhooks": Webhooks,
}
