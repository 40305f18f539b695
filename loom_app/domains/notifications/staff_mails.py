"""Mails to staff about money."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t, tn


async def _differ(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    many = facts["many"]
    return Letter(
        subject=tn("A difference in the books", "{n} differences in the books", many),
        lines=[
            tn(
                "the ledger and Stripe, or the ledger and itself, differ in one thing.",
                "the ledger and Stripe, or the ledger and itself, differ in {n} things.",
                many,
            ),
            t("Nothing was changed because of it. What heals by itself goes away by itself."),
        ],
        action=t("Open the money desk"),
        path="/staff/money",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "books.differ": _differ,
}
