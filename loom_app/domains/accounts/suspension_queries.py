"""Who is suspended: the one condition, and the token that proves it to the page of the appeal."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from loom_app.domains.accounts.suspension_models import Suspension
from loom_app.kit.db.transaction import Tx
from loom_app.kit.security import tokens

APPEAL = "appeal"


def suspended(person: Mapped[int], now: datetime) -> ColumnElement[bool]:
    """Whether a suspension of the person in this column runs."""
    return (
        select(col(Suspension.id))
        .where(
            col(Suspension.person_id) == person,
            col(Suspension.ended_at).is_(None),
            or_(col(Suspension.until_at).is_(None), col(Suspension.until_at) > now),
        )
        .exists()
    )


async def suspended_case(tx: Tx, person_id: int) -> int:
    """The decision that somebody is suspended by now, 0 where they are not; acting as
    `accounts.*`."""
    found = await tx.db.scalar(
        select(col(Suspension.case_id)).where(
            col(Suspension.person_id) == person_id,
            col(Suspension.ended_at).is_(None),
            or_(col(Suspension.until_at).is_(None), col(Suspension.until_at) > tx.now),
        )
    )
    return found or 0


async def is_suspended(tx: Tx, person_id: int) -> bool:
    async with tx.acting_as_system("accounts.suspend"):
        return await suspended_case(tx, person_id) > 0


def appeal_token(case_id: int) -> str:
    """Opens the page of one decision: its reason, and the appeal."""
    return tokens.signed(str(case_id), APPEAL)


def case_of_token(token: str) -> int:
    """0 for what is not ours."""
    found = tokens.unsigned(token, APPEAL)
    return int(found) if found and found.isdecimal() and len(found) < 18 else 0
