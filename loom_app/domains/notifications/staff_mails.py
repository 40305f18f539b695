"""Mails to staff about money and what it goes into."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money
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


async def _capped(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    cap = Money(facts["cents"], "USD").format()
    return Letter(
        subject=t("Text messages have stopped for this month"),
        lines=[
            t("text messages of this month have cost {cap}, which is the limit.", cap=cap),
            t("No more are sent before the next month, or before the limit is raised."),
            t("People are told by the other ways they chose."),
        ],
        action=t("See what they cost"),
        path="/admin/texts/list",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "books.differ": _differ,
    "texts.capped": _capped,
}
