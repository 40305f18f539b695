"""A coach on the way to being bookable: proofs and their documents, steps put off, submitting.

What a step fills is written by its own editor; here is only what none of them has. Documents lie in
the private store and are opened by the coach and by staff who verify.
"""

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.coaches import events, standing_rules
from loom_app.domains.coaches.models import CoachProfile, Offering
from loom_app.domains.coaches.queries.standing import missing
from loom_app.domains.coaches.standing_models import CoachCredential, CoachDecision, CoachStanding
from loom_app.domains.coaches.standing_rules import CredentialEdit, Document
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.text import t

__all__ = [
    "CredentialEdit",
    "Document",
    "add_credential",
    "admit_document",
    "drop_credential",
    "keep_document",
    "put_off",
    "submit",
]

SYSTEM = "coaches.onboarding"
STAFF = "coaches.staff"
_TITLES = text(
    "UPDATE coach_profiles SET certifications = coalesce((SELECT array_agg(title ORDER BY id)"
    " FROM coach_credentials WHERE coach_id = :coach AND kind = 'credential'"
    " AND status = 'verified'), '{}') WHERE user_id = :coach"
)


async def put_off(tx: Tx, me: Actor, step: str, *, later: bool) -> None:
    """Leave a step of the path for later, or take it up again. Raises Invalid, Forbidden."""
    coach_id = me.require_coach()
    if step not in standing_rules.STEPS:
        raise Invalid(t("Choose from the list."))
    async with tx.acting_as_system(SYSTEM):
        row = await standing_row(tx, coach_id)
        rest = [one for one in row.skipped if one != step]
        row.skipped = [*rest, step] if later else rest
        await tx.db.flush()


async def add_credential(tx: Tx, me: Actor, edit: CredentialEdit) -> int:
    """Name a proof; its document follows. Raises Invalid by field, Forbidden."""
    coach_id = me.require_coach()
    edit = standing_rules.check_credential(edit, tx.now.date())
    async with tx.acting_as_system(SYSTEM):
        await standing_row(tx, coach_id)  # two at once count one after the other
        many = await tx.db.scalar(
            select(func.count()).where(col(CoachCredential.coach_id) == coach_id)
        )
        if (many or 0) >= standing_rules.MOST_CREDENTIALS:
            raise Invalid(t("Twenty are enough. Take one away first."), field="title")
        row = CoachCredential(
            coach_id=coach_id,
            kind=edit.kind,
            title=edit.title,
            issuer=edit.issuer,
            year=edit.year or None,
            created_at=tx.now,
        )
        tx.db.add(row)
        await tx.db.flush()
    await audit(tx, "credential.add", "credential", row.id or 0, after={"kind": edit.kind})
    return row.id or 0


async def admit_document(tx: Tx, me: Actor, credential_id: int) -> None:
    """Whether the caller may bring a document here: asked before its bytes are taken.

    Raises NotFound, Conflict where staff is looking at it or has.
    """
    async with tx.acting_as_system(SYSTEM):
        await _open_one(tx, me, credential_id)


async def keep_document(tx: Tx, me: Actor, credential_id: int, document: Document) -> None:
    """The document of a proof, in place of a former one. Raises as `admit_document` does."""
    async with tx.acting_as_system(SYSTEM):
        row = await _open_one(tx, me, credential_id)
        former = row.key
        row.key, row.name = document.key, document.name
        row.mime, row.bytes = document.mime, document.bytes
        await tx.db.flush()
    await unlink(tx, [former])
    await audit(tx, "credential.document", "credential", credential_id)
    tx.signal(f"person:{me.require_person()}:standing")


async def drop_credential(tx: Tx, me: Actor, credential_id: int) -> None:
    """Take a proof away, document and all; the page names it no more. Raises NotFound, Conflict
    while staff is looking at it."""
    coach_id = me.require_coach()
    async with tx.acting_as_system(STAFF):
        await standing_row(tx, coach_id)
        row = await _my_credential(tx, me, credential_id)
        if row.status == "waiting":
            raise Conflict(t("Our team is looking at it. Take it away after they have answered."))
        key, was_shown = row.key, row.status == "verified"
        await tx.db.delete(row)
        await tx.db.flush()
        if was_shown:
            await show_titles(tx, coach_id)
    await unlink(tx, [key])
    await audit(tx, "credential.drop", "credential", credential_id)


async def submit(tx: Tx, me: Actor) -> None:
    """Hand everything to staff; idempotent while it waits. Who is verified already hands in new
    proofs, and can be booked meanwhile.

    Raises Forbidden (the address is not confirmed), Invalid for what is missing.
    """
    coach_id = me.require_coach()
    if not me.verified:
        raise Forbidden(t("Confirm your mail address before you submit."))
    async with tx.acting_as_system(SYSTEM):
        row = await standing_row(tx, coach_id)
        if row.review == "waiting":
            return
        first = row.verified_at is None
    if first:
        lacks = await missing(tx, me)
        if lacks:
            raise Invalid(t("Not done yet: {steps}.", steps=", ".join(lacks)))
        await tx.emit(events.CoachSubmits(coach_id))
    async with tx.acting_as_system(SYSTEM):
        await _hand_in(tx, coach_id, first=first)
        now = await _snapshot(tx, coach_id)
        former = await _former(tx, coach_id)
        changed = standing_rules.differing(former, now) if former is not None else []
        tx.db.add(
            CoachDecision(
                coach_id=coach_id,
                by_id=coach_id,
                kind="submitted",
                changed=changed,
                snapshot=now,
                at=tx.now,
            )
        )
        row.review, row.submitted_at = "waiting", tx.now
        await tx.db.flush()
    await audit(tx, "coach.submit", "coach", coach_id, after={"changed": changed})
    await tx.emit(events.CoachSubmitted(coach_id))
    tx.signal("staff:coaches")
    tx.signal(f"person:{coach_id}:standing")


async def _hand_in(tx: Tx, coach_id: int, *, first: bool) -> None:
    rows = list(
        await tx.db.scalars(
            select(CoachCredential)
            .where(
                col(CoachCredential.coach_id) == coach_id, col(CoachCredential.status) == "draft"
            )
            .order_by(col(CoachCredential.id))
            .with_for_update()
        )
    )
    bare = next((one for one in rows if not one.key), None)
    if bare is not None:
        raise Invalid(
            t("“{title}” has no document yet. Add it, or take it away.", title=bare.title)
        )
    if not rows and not first:
        raise Invalid(t("There is nothing new to check. Add a proof first."))
    for one in rows:
        one.status = "waiting"
    await tx.db.flush()


async def _snapshot(tx: Tx, coach_id: int) -> dict[str, Any]:
    """What the page and the proofs say now, by what staff calls it."""
    profile = await tx.db.get_one(CoachProfile, coach_id)
    sold = await tx.db.execute(
        select(
            col(Offering.name),
            col(Offering.duration_minutes),
            col(Offering.price_minor),
            col(Offering.currency),
        )
        .where(col(Offering.coach_id) == coach_id, col(Offering.archived_at).is_(None))
        .order_by(col(Offering.id))
    )
    proofs = await tx.db.execute(
        select(col(CoachCredential.kind), col(CoachCredential.title), col(CoachCredential.key))
        .where(col(CoachCredential.coach_id) == coach_id)
        .order_by(col(CoachCredential.id))
    )
    found = [tuple(one) for one in proofs]
    return {
        "headline": profile.headline,
        "about": profile.bio,
        "specialties": profile.specialties,
        "languages": profile.languages,
        "years": profile.years,
        "video": profile.video_url,
        "rates": [profile.default_price_minor, profile.currency],
        "offerings": [list(one) for one in sold],
        "identity": [list(one[1:]) for one in found if one[0] == "identity"],
        "credentials": [list(one[1:]) for one in found if one[0] == "credential"],
    }


async def _former(tx: Tx, coach_id: int) -> dict[str, Any] | None:
    return await tx.db.scalar(
        select(col(CoachDecision.snapshot))
        .where(col(CoachDecision.coach_id) == coach_id, col(CoachDecision.kind) == "submitted")
        .order_by(col(CoachDecision.id).desc())
        .limit(1)
    )


async def standing_row(tx: Tx, coach_id: int) -> CoachStanding:
    """The coach's, made where there is none, locked; acting as `coaches.*`."""
    await tx.db.execute(insert(CoachStanding).values(coach_id=coach_id).on_conflict_do_nothing())
    return await tx.db.get_one(
        CoachStanding, coach_id, with_for_update=True, populate_existing=True
    )


async def show_titles(tx: Tx, coach_id: int) -> None:
    """The page names the proofs that were verified, and no others; acting as `coaches.staff`."""
    await tx.db.execute(_TITLES, {"coach": coach_id})


async def unlink(tx: Tx, keys: list[str]) -> None:
    """Documents leave the disk once this is committed."""
    gone = [key for key in keys if key]
    if gone:
        await tx.enqueue("coaches.unlink_documents", {"keys": gone})


async def _open_one(tx: Tx, me: Actor, credential_id: int) -> CoachCredential:
    row = await _my_credential(tx, me, credential_id)
    if row.status != "draft":
        raise Conflict(t("This proof was handed in. Add another one for a new document."))
    return row


async def _my_credential(tx: Tx, me: Actor, credential_id: int) -> CoachCredential:
    row = await tx.db.get(
        CoachCredential, credential_id, with_for_update=True, populate_existing=True
    )
    if row is None or row.coach_id != me.require_coach():
        raise NotFound
    return row
