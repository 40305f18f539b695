"""Nobody books a coach before staff has looked: path, proofs, decision (COM-2, COM-3)."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.coaches import actions, onboarding, queries, staff_actions, verifying
from loom_app.domains.coaches.onboarding import CredentialEdit, Document
from loom_app.domains.coaches.standing_rules import CHECKS
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.privacy import actions as privacy
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries as scheduling_queries
from loom_app.domains.scheduling.errors import NotBookable
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PROFILE
from tests.factories.scheduling import ALWAYS, make_open_coach, slot

VISITOR = Actor(visitor="v" * 64)
KEYS = (f"{n:022d}" for n in range(1, 1000))


async def newcomer(name: str = "Nora Bell") -> Actor:
    """A coach who has filled in everything but the proofs."""
    nora = await make_user(name=name, roles=["coach"])
    async with transaction(nora) as tx:
        await actions.save_profile(tx, nora, replace(PROFILE, slug=f"nora-{nora.person_id}"))
        await actions.create_offering(tx, nora, replace(OFFERING, price_minor=0))
        await scheduling.save_week(tx, nora, ALWAYS)
    return nora


async def prove(coach: Actor, kind: str = "identity", title: str = "Passport") -> int:
    async with transaction(coach) as tx:
        made = await onboarding.add_credential(tx, coach, CredentialEdit(kind, title))
        document = Document(next(KEYS), "scan.pdf", "application/pdf", 1000)
        await onboarding.keep_document(tx, coach, made, document)
    return made


async def submit(coach: Actor) -> None:
    async with transaction(coach) as tx:
        await onboarding.submit(tx, coach)


async def approve(staff: Actor, coach: Actor) -> None:
    async with transaction(staff) as tx:
        seen = (await queries.application(tx, staff, coach.person_id or 0)).seen
        await verifying.approve(tx, staff, coach.person_id or 0, seen, CHECKS)


async def send_back(staff: Actor, coach: Actor, words: str) -> None:
    async with transaction(staff) as tx:
        seen = (await queries.application(tx, staff, coach.person_id or 0)).seen
        await verifying.send_back(tx, staff, coach.person_id or 0, seen, words)


async def offering_of(coach: Actor) -> int:
    async with transaction(coach) as tx:
        return (await queries.offerings(tx, coach, coach.person_id or 0))[0].id


async def mails(person: Actor) -> list[str]:
    async with transaction(Actor.system_job("notifications.test")) as tx:
        found = await tx.db.scalars(
            text(
                "SELECT event FROM deliveries WHERE user_id = :p AND channel = 'mail' ORDER BY id"
            ),
            {"p": person.person_id},
        )
        return list(found)


async def test_submitting_says_what_is_missing_until_all_is_there(db):
    nora = await make_user(name="Nora Bell", roles=["coach"])
    with pytest.raises(Invalid, match="a headline and some words about you, a specialty"):
        await submit(nora)
    async with transaction(nora) as tx:
        await actions.save_profile(tx, nora, replace(PROFILE, slug="nora"))
        await actions.create_offering(tx, nora, OFFERING)
    with pytest.raises(Invalid, match="a document that shows who you are"):
        await submit(nora)
    await prove(nora)
    with pytest.raises(Invalid, match="hours"):
        await submit(nora)
    async with transaction(nora) as tx:
        await scheduling.save_week(tx, nora, ALWAYS)
        bare = await onboarding.add_credential(tx, nora, CredentialEdit("credential", "PCC"))
    with pytest.raises(Invalid, match="“PCC” has no document yet"):
        await submit(nora)
    async with transaction(nora) as tx:
        await onboarding.drop_credential(tx, nora, bare)
    await submit(nora)
    async with transaction(nora) as tx:
        assert (await queries.my_standing(tx, nora)).review == "waiting"
        assert await queries.unbookable_because(tx, nora) == "waiting"


async def test_the_path_is_kept_and_steps_can_be_put_off(db):
    nora = await newcomer()
    async with transaction(nora) as tx:
        await onboarding.put_off(tx, nora, "payouts", later=True)
    async with transaction(nora) as tx:
        steps = {one.name: one for one in await scheduling_queries.onboarding(tx, nora)}
    assert {name for name, one in steps.items() if one.done} == {
        "profile",
        "specialties",
        "offering",
        "rates",
        "hours",
    }
    assert [name for name, one in steps.items() if one.skipped] == ["payouts"]
    async with transaction(nora) as tx:
        await onboarding.put_off(tx, nora, "payouts", later=False)
        assert not any(one.skipped for one in await scheduling_queries.onboarding(tx, nora))
        with pytest.raises(Invalid):
            await onboarding.put_off(tx, nora, "nonsense", later=True)


async def test_a_client_becomes_a_coach_and_stays_a_client(db):
    ben = await make_user(name="Ben Okafor")
    async with transaction(ben) as tx:
        await accounts.become_coach(tx, ben)
        await accounts.become_coach(tx, ben)
        roles = await tx.db.scalar(
            text("SELECT roles FROM users WHERE id = :id"), {"id": ben.person_id}
        )
    assert roles == ["client", "coach"]
    fresh = await make_user(name="Unconfirmed", verified=False)
    async with transaction(fresh) as tx:
        with pytest.raises(Forbidden):
            await accounts.become_coach(tx, fresh)


async def test_before_the_decision_nobody_finds_or_books_the_coach_and_after_it_everybody(db):
    nora = await newcomer()
    olga = await make_user(name="Olga", roles=["staff"])
    ben = await make_user(name="Ben Okafor")
    offering_id = await offering_of(nora)
    async with transaction(nora) as tx:
        with pytest.raises(Forbidden, match="our team checks who you are"):
            await actions.publish(tx, nora)
    async with transaction(ben) as tx:
        with pytest.raises(NotFound):
            await scheduling.hold(tx, ben, offering_id=offering_id, starts_at=slot())
    await prove(nora)
    await prove(nora, "credential", "ICF PCC")
    await submit(nora)
    assert await mails(olga) == ["coach.waiting"]
    await approve(olga, nora)
    async with transaction(ben) as tx:
        await scheduling.hold(tx, ben, offering_id=offering_id, starts_at=slot())
        page = await queries.coach_by_slug(tx, ben, f"nora-{nora.person_id}")
    assert page.certifications == ["ICF PCC"]
    assert await mails(nora) == ["coach.verified"]


async def test_a_coach_cannot_book_for_a_client_before_being_verified(db):
    nora = await newcomer()
    ben = await make_user(name="Ben Okafor")
    async with transaction(ben) as tx:
        await engagements.ensure(tx, nora.person_id or 0, ben.person_id or 0, "active")
    order = scheduling.Order(
        client_id=ben.person_id or 0,
        offering_id=await offering_of(nora),
        starts_at=slot(),
        pay="free",
    )
    with pytest.raises(NotBookable):
        async with transaction(nora) as tx:
            await scheduling.book_for(tx, nora, order)


async def test_the_database_keeps_a_page_back_whatever_the_code_forgets(db, cleaner):
    nora = await newcomer()
    for change in ("status = 'published'", "certifications = '{MCC}'"):
        with pytest.raises(IntegrityError):
            cleaner.execute(
                text(f"UPDATE coach_profiles SET {change} WHERE user_id = :id"),
                {"id": nora.person_id},
            )
    for statement in (
        "UPDATE coach_standings SET verified_at = now()",
        "UPDATE coach_credentials SET status = 'verified'",
    ):
        async with transaction(nora) as tx:
            done = await tx.db.execute(text(statement))
            assert done.rowcount == 0


async def test_staff_sends_back_with_a_reason_and_sees_what_changed(db):
    nora, olga = await newcomer(), await make_user(name="Olga", roles=["staff"])
    first = await prove(nora)
    await submit(nora)
    with pytest.raises(Invalid):
        await send_back(olga, nora, "no")
    await send_back(olga, nora, "The scan cannot be read.\nPlease add it once more.")
    async with transaction(nora) as tx:
        standing = await queries.my_standing(tx, nora)
        assert (standing.review, standing.reason.splitlines()[0]) == (
            "changes",
            "The scan cannot be read.",
        )
        await onboarding.drop_credential(tx, nora, first)
        await actions.save_profile(
            tx, nora, replace(PROFILE, slug="nora", headline="Quiet, clear thinking")
        )
    await prove(nora)
    await submit(nora)
    async with transaction(olga) as tx:
        (row,) = await queries.waiting_coaches(tx, olga)
        found = await queries.application(tx, olga, nora.person_id or 0)
    assert (row.times, row.verified) == (2, False)
    assert found.history[0].changed == ("headline", "identity")
    assert [one.kind for one in found.history] == ["submitted", "returned", "submitted"]
    await approve(olga, nora)
    assert await mails(nora) == ["coach.returned", "coach.verified"]


async def test_two_of_staff_at_once_decide_once(db):
    nora = await newcomer()
    staff = [
        await make_user(name=name, roles=["staff"]) for name in ("Olga", "Omar", "Ines", "Uma")
    ]
    await prove(nora)
    await submit(nora)
    told = await asyncio.gather(
        approve(staff[0], nora),
        send_back(staff[1], nora, "The scan cannot be read."),
        approve(staff[2], nora),
        send_back(staff[3], nora, "The name is another one."),
        return_exceptions=True,
    )
    assert sum(one is None for one in told) == 1
    assert all(isinstance(one, Conflict) for one in told if one is not None)
    async with transaction(nora) as tx:
        kinds = [one.kind for one in await queries.my_decisions(tx, nora)]
    assert sorted(kinds) in (["approved", "submitted"], ["returned", "submitted"])


async def test_what_was_submitted_anew_has_to_be_looked_at_anew(db):
    nora, olga = await newcomer(), await make_user(name="Olga", roles=["staff"])
    await prove(nora)
    await submit(nora)
    async with transaction(olga) as tx:
        seen = (await queries.application(tx, olga, nora.person_id or 0)).seen
    await send_back(olga, nora, "The scan cannot be read.")
    await submit(nora)
    async with transaction(olga) as tx:
        with pytest.raises(Conflict, match="once more"):
            await verifying.approve(tx, olga, nora.person_id or 0, seen, CHECKS)
        with pytest.raises(Invalid, match="Tick every point"):
            await verifying.approve(tx, olga, nora.person_id or 0, seen, CHECKS[1:])


async def test_only_who_may_verifies_with_a_fresh_proof_and_never_themselves(db):
    nora, olga = await newcomer(), await make_user(name="Olga", roles=["staff"])
    await prove(nora)
    await submit(nora)
    desk = replace(olga, powers=frozenset({"content.keep"}))
    stale = replace(olga, stepped_up_at=None)
    for who, problem in ((desk, Forbidden), (nora, Forbidden), (stale, StepUpNeeded)):
        async with transaction(who) as tx:
            with pytest.raises(problem):
                await verifying.approve(tx, who, nora.person_id or 0, 1, CHECKS)
    both = replace(nora, powers=olga.powers)
    async with transaction(both) as tx:
        with pytest.raises(Forbidden, match="Somebody else"):
            await verifying.approve(tx, both, nora.person_id or 0, 1, CHECKS)


async def test_documents_are_the_coachs_and_staffs_alone_and_openings_are_kept(db, cleaner):
    nora, ida = await newcomer(), await newcomer("Ida Holm")
    olga = await make_user(name="Olga", roles=["staff"])
    number = await prove(nora)
    desk = replace(olga, powers=frozenset({"content.keep"}))
    for who in (ida, desk, replace(olga, lacks_factor=True)):
        async with transaction(who) as tx:
            with pytest.raises(NotFound):
                await queries.document(tx, who, number)
    opened = text("SELECT actor FROM audit_entries WHERE verb = 'credential.open'")
    async with transaction(nora) as tx:
        assert (await queries.document(tx, nora, number)).name == "scan.pdf"
    assert cleaner.scalars(opened).all() == []
    async with transaction(olga) as tx:
        await queries.document(tx, olga, number)
    assert cleaner.scalars(opened).all() == [f"person:{olga.person_id}"]
    await submit(nora)
    await approve(olga, nora)
    async with transaction(nora) as tx:
        with pytest.raises(NotFound):  # who they are was seen, and is kept no longer
            await queries.document(tx, nora, number)
    queued = text("SELECT count(*) FROM outbox_jobs WHERE name = 'coaches.unlink_documents'")
    assert cleaner.scalar(queued) == 1


async def test_new_proofs_of_a_verified_coach_show_after_a_check_and_leave_at_once(db):
    ada, _ = await make_open_coach()
    olga = await make_user(name="Olga", roles=["staff"])
    with pytest.raises(Invalid, match="nothing new"):
        await submit(ada)
    number = await prove(ada, "credential", "EMCC")
    await submit(ada)
    slug = f"ada-lindqvist-{ada.person_id}"
    async with transaction(VISITOR) as tx:  # still found, and says nothing that nobody checked
        assert (await queries.coach_by_slug(tx, VISITOR, slug)).certifications == []
    async with transaction(ada) as tx:
        with pytest.raises(Conflict):
            await onboarding.drop_credential(tx, ada, number)
    await approve(olga, ada)
    async with transaction(VISITOR) as tx:
        assert (await queries.coach_by_slug(tx, VISITOR, slug)).certifications == ["EMCC"]
    async with transaction(ada) as tx:
        await onboarding.drop_credential(tx, ada, number)
    async with transaction(VISITOR) as tx:
        assert (await queries.coach_by_slug(tx, VISITOR, slug)).certifications == []


async def test_who_was_hidden_by_staff_cannot_publish_until_staff_lets_them(db):
    ada, _ = await make_open_coach()
    olga = await make_user(name="Olga", roles=["staff"])
    me = ada.person_id or 0
    async with transaction(olga) as tx:
        await staff_actions.hide(tx, olga, me, "It promises cures.")
    async with transaction(olga) as tx:
        await staff_actions.hide(tx, olga, me, "Once more.")
    assert (await mails(ada)).count("coach.hidden") == 1
    await outbox.drain()
    (mail,) = [one for one in await mailbox.newest() if "directory" in one.message["Subject"]]
    assert "It promises cures." in mail.message.get_body(("plain",)).get_content()
    async with transaction(ada) as tx:
        with pytest.raises(Forbidden, match="It promises cures"):
            await actions.publish(tx, ada)
    with pytest.raises(IntegrityError):
        async with transaction(ada) as tx:
            await tx.db.execute(text("UPDATE coach_profiles SET status = 'published'"))
    async with transaction(olga) as tx:
        await staff_actions.show(tx, olga, me, "They mended it.")
    async with transaction(ada) as tx:
        await actions.publish(tx, ada)
        assert (await queries.coach_by_slug(tx, ada, f"ada-lindqvist-{me}")).published


async def leaves(coach: Actor) -> None:
    async with transaction(Actor.system_job("accounts.test")) as tx:
        await tx.db.execute(
            text("UPDATE credentials SET email = 'n@x.test', email_key = 'n@x.test'")
        )
    async with transaction(coach) as tx:
        await privacy.ask_deletion(tx, coach, "n@x.test")


async def is_suspended(coach: Actor) -> None:
    omar = await make_user(name="Omar", roles=["staff"])
    async with transaction(omar) as tx:
        await accounts.suspend(tx, omar, coach.person_id or 0, 1, reason="Scam.", until=None)


@pytest.mark.parametrize("gone", [leaves, is_suspended])
async def test_who_is_suspended_or_leaves_is_approved_and_not_shown(db, cleaner, gone):
    nora = await newcomer()
    await prove(nora)
    await submit(nora)
    await gone(nora)
    olga = await make_user(name="Olga", roles=["staff"])
    await approve(olga, nora)
    async with transaction(olga) as tx:
        with pytest.raises(NotFound):
            await queries.coach_by_slug(tx, olga, f"nora-{nora.person_id}")
    async with transaction(nora) as tx:
        with pytest.raises(Forbidden, match="nobody sees a page"):
            await actions.publish(tx, nora)
    with pytest.raises(IntegrityError):
        cleaner.execute(text("UPDATE coach_profiles SET status = 'published'"))


async def test_who_thinks_better_of_leaving_publishes_again(db):
    ada, _ = await make_open_coach()
    await leaves(ada)
    async with transaction(ada) as tx:
        with pytest.raises(Forbidden, match="nobody sees a page"):
            await actions.publish(tx, ada)
        await privacy.keep_account(tx, ada)
        await actions.publish(tx, ada)
        assert (await queries.coach_by_slug(tx, ada, f"ada-lindqvist-{ada.person_id}")).published
