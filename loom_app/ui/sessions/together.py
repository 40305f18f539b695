"""Moving one session of a series, or all that follow it as well: what moves is listed before."""

from datetime import datetime
from typing import NotRequired

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.text import t, tn
from loom_app.ui.booking.occurrences import (
    OccurrenceRow,
    kept_choices,
    occurrence_rows,
    picked,
)
from loom_app.ui.sessions.detail_state import Scope


class MoveForm(TypedDict):
    reason: str
    scope: NotRequired[str]  # the page knows it already; the browser sends it with the form


class Together(rx.State, mixin=True):
    """`following`: this session and those of its series after it; `changes` is what would move."""

    scope: Scope = "one"
    following: int = 1
    changes: list[OccurrenceRow] = []
    _id: int = 0
    _chosen: datetime | None = None
    _coach_zone: str = ""

    @rx.event
    def pick(self, number: int, value: str) -> None:
        """Another time for one that cannot go along, or none."""
        self.changes = picked(self.changes, number, value)

    async def _plan(self, tx: Tx, me: Actor) -> None:
        """List what moves with the chosen time; nothing where this one moves alone."""
        if self.scope == "one" or self._chosen is None:
            self.changes = []
            return
        found = await queries.move_plan(tx, me, self._id, self._chosen)
        rows = occurrence_rows(found, me.zone, self._coach_zone, t("Leave it where it is"))
        self.changes = kept_choices(rows, self.changes)

    async def _move(self, tx: Tx, me: Actor, reason: str) -> int:
        """How many have moved: those that were shown, each to where it was shown."""
        if self._chosen is None:
            raise Invalid(t("Choose a time from the list."), field="starts_at")
        if self.scope == "one":
            await scheduling.move(tx, me, self._id, self._chosen, reason)
            return 1
        news = {
            row.session_id: datetime.fromisoformat(row.chosen) for row in self.changes if row.chosen
        }
        if not news:
            raise Invalid(t("Choose at least one session that moves."), field="starts_at")
        return len(await scheduling.move_following(tx, me, self._id, news, reason))


def moved_words(count: int) -> str:
    return tn(
        "The session is moved. Both of you have mail about it.",
        "{n} sessions are moved. Both of you have mail about it.",
        count,
    )
