"""What the platform keeps of a sale: the most specific rule wins, then the settings."""

from dataclasses import dataclass

from sqlalchemy import text

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.payments import rules
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.money import Money
from loom_app.kit.settings import settings
from loom_app.kit.text import t

_FIND = text(
    "SELECT bps, fixed FROM fee_rules"
    " WHERE (coach_id IS NULL OR coach_id = :coach)"
    " AND (offering_id IS NULL OR offering_id = :offering)"
    " ORDER BY offering_id IS NULL, coach_id IS NULL LIMIT 1"
)
_SET = text(
    "INSERT INTO fee_rules (coach_id, offering_id, bps, fixed, created_at)"
    " VALUES (:coach, :offering, :bps, :fixed, :now)"
    " ON CONFLICT (coach_id, offering_id) DO UPDATE SET bps = :bps, fixed = :fixed RETURNING id"
)
_DROP = text(
    "DELETE FROM fee_rules WHERE coach_id IS NOT DISTINCT FROM :coach"
    " AND offering_id IS NOT DISTINCT FROM :offering RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Fee:
    """Basis points of the price and a fixed part, in minor units of the sale's currency."""

    bps: int
    fixed: int

    def of(self, amount: Money) -> Money:
        """Never below zero, never above the amount."""
        return Money(rules.fee(amount.minor, self.bps, self.fixed), amount.currency)


async def fee_rule(tx: Tx, coach_id: int, offering_id: int | None = None) -> Fee:
    """What holds for a sale made now: the offering's rule, the coach's, everybody's."""
    async with tx.acting_as_system("payments.fee"):
        values = {"coach": coach_id, "offering": offering_id}
        found = (await tx.db.execute(_FIND, values)).first()
    if found is not None:
        return Fee(found.bps, found.fixed)
    return Fee(settings().platform_fee_bps, settings().platform_fee_fixed_minor)


async def set_fee(
    tx: Tx,
    me: Actor,
    fee: Fee | None,
    *,
    coach_id: int | None = None,
    offering_id: int | None = None,
) -> None:
    """Staff decide, for later sales only: what was sold keeps its fee. None takes a rule away.

    Raises Forbidden, Invalid, StepUpNeeded.
    """
    if me.system is None:
        me.require("fees.set")
        require_step_up(tx, me)
    if offering_id is not None and coach_id is None:
        raise Invalid(t("Say whose offering it is."), field="coach_id")
    if fee is not None and not (0 <= fee.bps <= 10_000 and fee.fixed >= 0):
        raise Invalid(t("A fee is between 0 and 100 % and never negative."), field="bps")
    async with tx.acting_as_system("payments.set_fee"):
        values = {"coach": coach_id, "offering": offering_id}
        if fee is None:
            number = await tx.db.scalar(_DROP, values)
        else:
            more = {"bps": fee.bps, "fixed": fee.fixed, "now": tx.now}
            number = await tx.db.scalar(_SET, values | more)
        after = {"coach": coach_id, "offering": offering_id}
        after |= {"bps": fee.bps, "fixed": fee.fixed} if fee else {}
        await audit(tx, "fee.set" if fee else "fee.drop", "fee_rule", number or 0, after=after)
