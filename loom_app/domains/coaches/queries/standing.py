"""Where a coach stands, what of the path is done, and what staff has before them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches.models import CoachProfile, Offering
from loom_app.domains.coaches.queries.offerings import OfferingView, offerings
from loom_app.domains.coaches.rules import usual_price
from loom_app.domains.coaches.standing_models import CoachCredential, CoachDecision, CoachStanding
from loom_app.domains.coaches.standing_rules import Document
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t

SYSTEM = "coaches.standing"


@dataclass(frozen=True)
class CredentialView:
    """A proof; `size` in bytes, 0 where there is no document (any more)."""

    id: int
    kind: str
    title: str
    issuer: str
    year: int | None
    status: str
    file_name: str
    size: int


@dataclass(frozen=True)
class StandingView:
    """`review`: "none", "waiting" or "changes", of what was submitted last; `reason` says what to
    mend; `hidden`: why staff took the page out of the directory, "" where they did not."""

    verified_at: datetime | None = None
    review: str = "none"
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    reason: str = ""
    hidden: str = ""
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True)
class WaitingCoach:
    """A line of the queue. `verified`: only new proofs are to be checked; `times`: how often it was
    submitted."""

    person: PersonView
    headline: str
    submitted_at: datetime
    verified: bool
    times: int


@dataclass(frozen=True)
class DecisionView:
    """A line of the history; `changed` names what differed from the time before."""

    kind: str
    by: str
    words: str
    changed: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Application:
    """All that staff decides by."""

    person: PersonView
    email: str
    standing: StandingView
    slug: str
    headline: str
    bio: str
    specialties: list[str]
    languages: list[str]
    years: int
    video_url: str
    offerings: list[OfferingView]
    credentials: list[CredentialView]
    history: list[DecisionView]
    seen: int  # the number of the submission that is looked at


async def is_verified(tx: Tx, coach_id: int) -> bool:
    """Whether anybody may book this coach at all."""
    async with tx.acting_as_system(SYSTEM):
        found = select(col(CoachStanding.verified_at)).where(
            col(CoachStanding.coach_id) == coach_id
        )
        return await tx.db.scalar(found) is not None


async def my_standing(tx: Tx, me: Actor) -> StandingView:
    """Raises Forbidden for who is no coach."""
    return await _standing(tx, me.require_coach())


async def unbookable_because(tx: Tx, me: Actor) -> str:
    """Why nobody can book the caller, a coach: "new", "waiting", "changes" or "hidden"; "" where
    nothing is in the way. Raises Forbidden."""
    found = await my_standing(tx, me)
    if found.hidden:
        return "hidden"
    if found.verified_at is not None:
        return ""
    return "new" if found.review == "none" else found.review


async def my_credentials(tx: Tx, me: Actor) -> list[CredentialView]:
    """The caller's own, in the order in which they were added. Raises Forbidden."""
    return await _credentials(tx, me.require_coach())


async def steps_done(tx: Tx, me: Actor) -> frozenset[str]:
    """Those of the steps that coaches knows of and that are done. Raises Forbidden."""
    coach_id = me.require_coach()
    row = await tx.db.get(CoachProfile, coach_id, populate_existing=True)
    sold = list(
        await tx.db.scalars(
            select(Offering).where(
                col(Offering.coach_id) == coach_id, col(Offering.archived_at).is_(None)
            ),
            execution_options={"populate_existing": True},
        )
    )
    proofs = await _credentials(tx, coach_id)
    done = set()
    if row is not None:
        if row.headline and row.bio:
            done.add("profile")
        if row.specialties:
            done.add("specialties")
        if sold and all(one.price_minor is not None or _usual(row, one) for one in sold):
            done.add("rates")
    if sold:
        done.add("offering")
    if any(map(_shows_who, proofs)):
        done.add("credentials")
    return frozenset(done)


def _shows_who(one: CredentialView) -> bool:
    """What was verified counts without its document, which is gone."""
    return one.kind == "identity" and (one.size > 0 or one.status == "verified")


def _usual(row: CoachProfile, one: Offering) -> bool:
    found = usual_price(row.default_price_minor, row.currency, one.duration_minutes)
    return found is not None


async def missing(tx: Tx, me: Actor) -> list[str]:
    """What must be there before staff looks at it, in words."""
    words = {
        "profile": t("a headline and some words about you"),
        "specialties": t("a specialty"),
        "offering": t("an offering"),
        "rates": t("a price"),
    }
    done = await steps_done(tx, me)
    left = [said for step, said in words.items() if step not in done]
    if "credentials" not in done:
        left.append(t("a document that shows who you are"))
    return left


async def waiting_coaches(tx: Tx, me: Actor) -> list[WaitingCoach]:
    """Who waits longest first. Raises Forbidden."""
    me.require("coaches.verify")
    async with tx.acting_as_system(SYSTEM):
        times = (
            select(func.count())
            .where(
                col(CoachDecision.coach_id) == col(CoachStanding.coach_id),
                col(CoachDecision.kind) == "submitted",
            )
            .scalar_subquery()
        )
        rows = (
            await tx.db.execute(
                select(CoachStanding, col(CoachProfile.headline), times)
                .join(CoachProfile, col(CoachProfile.user_id) == col(CoachStanding.coach_id))
                .where(col(CoachStanding.review) == "waiting")
                .order_by(col(CoachStanding.submitted_at), col(CoachStanding.coach_id)),
                execution_options={"populate_existing": True},
            )
        ).all()
        people = await accounts.people(tx, [one.coach_id for one, *_ in rows])
    return [
        WaitingCoach(people[one.coach_id], headline, one.submitted_at, bool(one.verified_at), many)
        for one, headline, many in rows
        if one.coach_id in people and one.submitted_at is not None
    ]


async def application(tx: Tx, me: Actor, coach_id: int) -> Application:
    """One coach as staff sees them, whether or not something waits. Raises Forbidden, NotFound."""
    me.require("coaches.verify")
    async with tx.acting_as_system(SYSTEM):
        profile = await tx.db.get(CoachProfile, coach_id, populate_existing=True)
        if profile is None:
            raise NotFound(t("There is no coach here."))
        person = await accounts.person(tx, coach_id)
        standing = await _standing(tx, coach_id)
        proofs = await _credentials(tx, coach_id)
        history, seen = await _history(tx, coach_id)
        sold = await offerings(tx, me, coach_id)
    async with tx.acting_as_system("accounts.standing"):
        email = await accounts.address_of(tx, coach_id)
    return Application(
        person=person,
        email=email,
        standing=standing,
        slug=profile.slug,
        headline=profile.headline,
        bio=profile.bio,
        specialties=profile.specialties,
        languages=profile.languages,
        years=profile.years,
        video_url=profile.video_url,
        offerings=sold,
        credentials=proofs,
        history=history,
        seen=seen,
    )


async def my_decisions(tx: Tx, me: Actor) -> list[DecisionView]:
    """The caller's own history, newest first, without who of staff it was. Raises Forbidden."""
    found, _ = await _history(tx, me.require_coach())
    return found


async def words_of_decision(tx: Tx, decision_id: int) -> str:
    """For who writes to its coach. Raises NotFound where it is gone."""
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.get(CoachDecision, decision_id)
    if row is None:
        raise NotFound
    return row.words


async def document(tx: Tx, me: Actor, credential_id: int) -> Document:
    """The document of a proof: for its coach, and for staff who verify, of whom the trail keeps
    that they opened it. Raises NotFound for everybody else."""
    person_id = me.require_person()
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.get(CoachCredential, credential_id, populate_existing=True)
    if row is None or not row.key:
        raise NotFound
    if row.coach_id != person_id:
        if me.lacks_factor or not me.may("coaches.verify"):
            raise NotFound
        about = {"credential": credential_id}
        await audit(tx, "credential.open", "person", row.coach_id, after=about)
    return Document(row.key, row.name, row.mime, row.bytes)


async def _standing(tx: Tx, coach_id: int) -> StandingView:
    row = await tx.db.get(CoachStanding, coach_id, populate_existing=True)
    if row is None:
        return StandingView()
    return StandingView(
        verified_at=row.verified_at,
        review=row.review,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        reason=row.reason,
        hidden=row.hidden_why if row.hidden_at else "",
        skipped=frozenset(row.skipped),
    )


async def _credentials(tx: Tx, coach_id: int) -> list[CredentialView]:
    rows = await tx.db.scalars(
        select(CoachCredential)
        .where(col(CoachCredential.coach_id) == coach_id)
        .order_by(col(CoachCredential.id)),
        execution_options={"populate_existing": True},
    )
    return [
        CredentialView(
            one.id or 0,
            one.kind,
            one.title,
            one.issuer,
            one.year,
            one.status,
            one.name if one.key else "",
            one.bytes if one.key else 0,
        )
        for one in rows
    ]


async def _history(tx: Tx, coach_id: int) -> tuple[list[DecisionView], int]:
    rows = list(
        await tx.db.scalars(
            select(CoachDecision)
            .where(col(CoachDecision.coach_id) == coach_id)
            .order_by(col(CoachDecision.id).desc())
        )
    )
    people = await accounts.people(tx, [one.by_id for one in rows if one.by_id])
    seen = next((one.id or 0 for one in rows if one.kind == "submitted"), 0)
    return [
        DecisionView(
            one.kind,
            people[one.by_id].name if one.by_id in people else t("Our team"),
            one.words,
            tuple(one.changed),
            one.at,
        )
        for one in rows
    ], seen
