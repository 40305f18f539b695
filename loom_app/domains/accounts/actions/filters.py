"""What somebody keeps asking of a list."""

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.accounts.models import (
    SavedFilter,
)
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Invalid
from loom_app.kit.text import t

MOST_SAVED_FILTERS = 20


async def save_filter(tx: Tx, me: Actor, *, page: str, name: str, query: str) -> None:
    """Keep what a list was asked for; an equal name is overwritten.

    Raises Invalid, Conflict when there are many already, Forbidden for visitors.
    """
    person_id = me.require_person()
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise Invalid(t("Give it a name of up to 60 letters."), field="preset")
    if not 1 <= len(query) <= 1000:
        raise Invalid(t("Choose a filter first."), field="preset")
    own = (col(SavedFilter.user_id) == person_id, col(SavedFilter.page) == page)
    others = select(func.count()).where(*own, col(SavedFilter.name) != name)
    if (await tx.db.scalar(others) or 0) >= MOST_SAVED_FILTERS:
        raise Conflict(t("These are many already. Remove one first."), field="preset")
    kept = insert(SavedFilter).values(user_id=person_id, page=page, name=name, query=query)
    await tx.db.execute(
        kept.on_conflict_do_update(
            constraint="uq_saved_filters_user_id", set_={"query": kept.excluded.query}
        )
    )


async def remove_filter(tx: Tx, me: Actor, filter_id: int) -> None:
    """Forget one of the caller's own; what is gone already is fine."""
    await tx.db.execute(
        delete(SavedFilter).where(
            col(SavedFilter.id) == filter_id, col(SavedFilter.user_id) == me.require_person()
        )
    )
