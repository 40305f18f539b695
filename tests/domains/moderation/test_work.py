"""The queue is worked once for each case; who is suspended is out everywhere (COM-12, COM-13)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries as account_queries
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.coaches import actions as coach_actions
from loom_app.domains.coaches import onboarding
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries as messages
from loom_app.domains.moderation import actions, queries, working
from loom_app.domains.moderation.working import Case
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling.errors import NotBookable
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.realtime import signals
from tests.domains.scheduling.test_places_saved import somebody_waits
from tests.factories.accounts import make_user
from tests.factories.coaches import PROFILE
from tests.factories.messaging import make_pair
from tests.factories.scheduling import make_open_coach, slot

SESSION = Actor.system_job("accounts.session")
VISITOR = Actor(visitor="v" * 64)
RUDE = "You wrote to somebody who had asked you to stop."


async def staff(name: str = "Olga") -> Actor:
    return await make_user(name=name, roles=["staff"])


async def reported(said: str = "Answer me. I know where you live.") -> tuple[Actor, Actor, Case]:
    """Ben wrote it among other things, Ada reported it: writer, reporter, case."""
    ada, ben, conversation = await make_pair()
    number = 0
    for n, words in enumerate(("Hello?", said, "Well?")):
        async with transaction(ben) as tx:
            sent = await messaging.send(
                tx, ben, conversation, messaging.Draft(f"client-{n}", words)
            )
        if words == said:
            number = sent.id
    async with transaction(ada) as tx:
        await messaging.report_message(tx, ada, number, reason="harassment", words="Please help.")
    async with transaction(Actor.system_job("moderation.test")) as tx:
        return ben, ada, Case("report", await tx.db.scalar(text("SELECT max(id) FROM reports")))


async def decide(me: Actor, act, *given) -> None:
    async with transaction(me) as tx:
        await act(tx, me, *given)


async def door(person: Actor) -> accounts.SignedIn:
    async with transaction(VISITOR) as tx:
        return await accounts.begin_session(
            tx, VISITOR, person.require_person(), accounts.Device(), remember=True
        )


async def mails(person: Actor) -> list[str]:
    async with transaction(Actor.system_job("notifications.test")) as tx:
        found = await tx.db.scalars(
            text(
                "SELECT event FROM deliveries WHERE user_id = :p AND channel = 'mail'"
                " AND (event LIKE 'moderation%' OR event LIKE 'report.%' OR event LIKE 'appeal%')"
                " ORDER BY id"
            ),
            {"p": person.person_id},
        )
        return list(found)


async def token_of(case: Case) -> str:
    async with transaction(Actor.system_job("moderation.test")) as tx:
        number = await tx.db.scalar(
            text("SELECT max(id) FROM moderation_decisions WHERE report_id = :id"), {"id": case.id}
        )
    return account_queries.appeal_token(number)


async def appeal(token: str, words: str = "It was not me.") -> int:
    async with transaction(VISITOR) as tx:
        page = await queries.decision_page(tx, token)
        await working.appeal(tx, page.id, words)
    async with transaction(Actor.system_job("moderation.test")) as tx:
        return int(await tx.db.scalar(text("SELECT max(id) FROM appeals")) or 0)


async def test_a_case_shows_what_stood_around_it_and_that_staff_read_it_is_kept(db, cleaner):
    ben, _, case = await reported()
    olga = await staff()
    async with transaction(olga) as tx:
        lines = await messages.around_case(tx, olga, case.kind, case.id)
    assert [(one.body, one.it) for one in lines] == [
        ("Hello?", False),
        ("Answer me. I know where you live.", True),
        ("Well?", False),
    ]
    kept = text("SELECT actor FROM audit_entries WHERE verb = 'case.read'")
    assert cleaner.scalars(kept).all() == [f"person:{olga.person_id}"]
    for who in (ben, replace(olga, powers=frozenset({"content.keep"}))):
        async with transaction(who) as tx:
            with pytest.raises(Forbidden):
                await messages.around_case(tx, who, case.kind, case.id)


async def test_the_filters_hits_and_reports_stand_in_one_queue_oldest_first(db):
    ben, _, case = await reported()
    olga = await staff()
    async with transaction(olga) as tx:
        rows = await queries.queue(tx, olga)
        figures = await queries.figures(tx, olga)
    assert [one.case.kind for one in rows] == ["hit", "report"]
    assert rows[1].person is not None
    assert rows[1].person.id == ben.person_id
    assert (figures.open, figures.decided, figures.median) == (2, 0, None)
    await decide(olga, working.warn, case, RUDE)
    async with transaction(olga) as tx:
        (left,) = await queries.queue(tx, olga)
        (done,) = await queries.queue(tx, olga, status="closed")
        figures = await queries.figures(tx, olga)
    assert (left.former, left.measures) == (1, 1), "who offends again is seen"
    assert (done.outcome, done.decided_by, figures.decided) == ("warn", "Olga", 1)
    assert figures.median is not None


async def test_a_warning_is_read_by_the_person_and_its_fact_by_the_reporter(db):
    ben, ada, case = await reported()
    await decide(await staff(), working.warn, case, RUDE)
    assert (await mails(ben), await mails(ada)) == (["moderation.decided"], ["report.decided"])
    async with transaction(VISITOR) as tx:
        page = await queries.decision_page(tx, await token_of(case))
    assert (page.kind, page.words, page.may_appeal) == ("warn", RUDE, True)


async def test_what_is_dismissed_is_told_to_the_reporter_alone(db):
    ben, ada, case = await reported()
    olga = await staff()
    await decide(olga, working.note, case, "They know each other.")
    await decide(olga, working.dismiss, case, "Within the rules.")
    assert (await mails(ben), await mails(ada)) == ([], ["report.decided"])
    async with transaction(olga) as tx:
        kinds = [one.kind for one in await queries.entries(tx, olga, case)]
        former = await queries.case(tx, olga, case.kind, case.id)
    assert (kinds, former.measures) == (["note", "dismiss"], 0)


async def test_a_hidden_message_is_gone_for_everybody(db):
    _, ada, case = await reported()
    await decide(await staff(), working.hide, case, RUDE)
    await outbox.drain()
    async with transaction(ada) as tx:
        found = await tx.db.scalars(text("SELECT body FROM messages ORDER BY number"))
        assert list(found) == ["Hello?", "", "Well?"]


async def test_moderators_at_once_decide_once(db):
    _, _, case = await reported()
    people = [await staff(name) for name in ("Olga", "Omar", "Ines", "Uma")]
    told = await asyncio.gather(
        decide(people[0], working.warn, case, RUDE),
        decide(people[1], working.dismiss, case, "Fine."),
        decide(people[2], working.suspend, case, RUDE, 7),
        decide(people[3], working.warn, case, RUDE),
        return_exceptions=True,
    )
    assert sum(one is None for one in told) == 1
    assert all(isinstance(one, Conflict) for one in told if one is not None)


async def test_only_who_may_decides_with_a_fresh_proof_and_not_about_themselves(db):
    ben, ada, case = await reported()
    olga = await staff()
    stale = replace(olga, stepped_up_at=None)
    power = {"powers": olga.powers}
    for who, problem in (
        (ada, Forbidden),
        (stale, StepUpNeeded),
        (replace(ben, **power), Forbidden),
        (replace(ada, **power), Forbidden),
    ):
        with pytest.raises(problem):
            await decide(who, working.warn, case, RUDE)
    with pytest.raises(Invalid):
        await decide(olga, working.warn, case, " ")
    with pytest.raises(NotFound):
        await decide(olga, working.warn, Case("report", 999), RUDE)


async def test_who_is_suspended_is_out_everywhere_and_gets_no_new_way_in(db):
    ben, _, case = await reported()
    before = await door(ben)
    async with transaction(SESSION) as tx:
        me = await account_queries.signed_in(tx, before.token)
    assert me is not None
    heard: list[str] = []
    stop = signals.listen(lambda signal: heard.append(signal.topic))
    await decide(await staff(), working.suspend, case, RUDE, 7)
    stop()
    assert f"auth:{me.session_id}" in heard, "open sockets are told at once"
    async with transaction(SESSION) as tx:
        assert await account_queries.signed_in(tx, before.token) is None
        assert await account_queries.person_of_session(tx, me.session_id or 0) is None
        assert await account_queries.alive_sessions(tx, [me.session_id or 0]) == frozenset()
    after = await door(ben)
    assert (after.token, after.step) == ("", "")
    async with transaction(VISITOR) as tx:
        page = await queries.decision_page(tx, after.suspended)
    assert page.words == RUDE
    # a sign-in that somehow lived on, or began beside the doors, opens nothing
    async with transaction(Actor.system_job("accounts.test")) as tx:
        await tx.db.execute(text("UPDATE auth_sessions SET revoked_at = NULL"))
    async with transaction(SESSION) as tx:
        assert await account_queries.signed_in(tx, before.token) is None
    assert await mails(ben) == ["moderation.decided"]


async def test_a_sign_in_beside_a_suspension_does_not_survive_it(db):
    ben, _, case = await reported()
    olga = await staff()
    made = await asyncio.gather(
        *(door(ben) for _ in range(6)),
        decide(olga, working.suspend, case, RUDE, 0),
        *(door(ben) for _ in range(6)),
    )
    async with transaction(SESSION) as tx:
        for one in made:
            if one is not None and one.token:
                assert await account_queries.signed_in(tx, one.token) is None
        alive = await tx.db.scalar(
            text("SELECT count(*) FROM auth_sessions WHERE user_id = :id AND revoked_at IS NULL"),
            {"id": ben.person_id},
        )
    assert alive == 0


async def test_a_suspension_ends_by_itself_at_its_time(db, at):
    start = at("2026-11-22T12:00Z")
    ben, _, case = await reported()
    await decide(await staff(), working.suspend, case, RUDE, 7)
    at((start + timedelta(days=6, hours=23)).isoformat())
    await outbox.drain()
    assert (await door(ben)).suspended
    at((start + timedelta(days=7, seconds=1)).isoformat())
    assert (await door(ben)).token, "even before the job has come"
    await outbox.drain()
    assert await mails(ben) == ["moderation.decided", "moderation.over"]


async def test_an_appeal_is_answered_by_somebody_else_and_lets_in_again(db):
    ben, _, case = await reported()
    olga, omar = await staff("Olga"), await staff("Omar")
    await decide(olga, working.suspend, case, RUDE, 0)
    token = (await door(ben)).suspended
    number = await appeal(token)
    with pytest.raises(Conflict, match="there already"):
        await appeal(token)
    assert (await mails(omar), await mails(olga)) == (["appeal.waiting"], ["appeal.waiting"])

    async def answer(me: Actor, *, lifted: bool) -> None:
        async with transaction(me) as tx:
            await working.decide_appeal(tx, me, number, lifted=lifted, words="We were wrong.")

    with pytest.raises(Forbidden, match="somebody else"):
        await answer(olga, lifted=False)
    told = await asyncio.gather(
        answer(omar, lifted=True), answer(omar, lifted=True), return_exceptions=True
    )
    assert sorted(map(type, told), key=str) == sorted([type(None), Conflict], key=str)
    assert (await door(ben)).token
    assert await mails(ben) == ["moderation.decided", "moderation.answered"]
    async with transaction(olga) as tx:
        assert (await queries.case(tx, olga, case.kind, case.id)).measures == 0
    with pytest.raises(Conflict, match="taken back"):
        await appeal(token)


async def test_an_only_moderator_answers_and_three_appeals_are_enough(db):
    ben, _, case = await reported()
    olga = await staff()
    await decide(olga, working.suspend, case, RUDE, 30)
    token = (await door(ben)).suspended
    for _ in range(3):
        number = await appeal(token)
        async with transaction(olga) as tx:
            await working.decide_appeal(tx, olga, number, lifted=False, words="It stays.")
    with pytest.raises(Conflict, match="three times"):
        await appeal(token)
    assert (await door(ben)).suspended
    async with transaction(VISITOR) as tx:
        page = await queries.decision_page(tx, token)
        assert (page.appeal, page.answer, page.may_appeal) == ("upheld", "It stays.", False)
        with pytest.raises(NotFound):
            await queries.decision_page(tx, "1.forged")


async def test_staff_takes_a_suspension_back_without_an_appeal(db):
    ben, _, case = await reported()
    olga = await staff()
    await decide(olga, working.suspend, case, RUDE, 0)
    await decide(olga, working.take_back, case, "Another one had used the account.")
    assert (await door(ben)).token
    with pytest.raises(Conflict):
        await decide(olga, working.take_back, case, "Again.")
    assert await mails(ben) == ["moderation.decided", "moderation.over"]


async def test_a_suspended_coach_is_neither_found_nor_booked_and_comes_back_as_before(db):
    ada, offering_id = await make_open_coach()
    ben, olga = await make_user(), await staff()
    async with transaction(ben) as tx:
        await actions.report(tx, ben, ada.person_id or 0, reason="scam", words="Asks for cash.")
    case = Case("report", 1)
    await decide(olga, working.suspend, case, "Asked clients to pay outside of Loom.", 7)
    slug = f"ada-lindqvist-{ada.person_id}"
    async with transaction(ben) as tx:
        with pytest.raises(NotFound):
            await coaches.coach_by_slug(tx, ben, slug)
        with pytest.raises(NotFound):
            await scheduling.hold(tx, ben, offering_id=offering_id, starts_at=slot())
    await decide(olga, working.take_back, case, "They explained it.")
    async with transaction(ben) as tx:
        assert (await coaches.coach_by_slug(tx, ben, slug)).published
        await scheduling.hold(tx, ben, offering_id=offering_id, starts_at=slot())


async def test_a_suspension_and_what_the_person_does_meanwhile_do_not_wait_for_each_other(db):
    ada, _ = await make_open_coach()
    ben, olga = await make_user(), await staff()
    async with transaction(ben) as tx:
        await actions.report(tx, ben, ada.person_id or 0, reason="scam", words="Asks for cash.")
    async with transaction(ada) as tx:  # in one tab of theirs, the page; then something of theirs
        page = replace(PROFILE, slug=f"ada-{ada.person_id}")
        await coach_actions.save_profile(tx, ada, page)
        other = asyncio.create_task(decide(olga, working.suspend, Case("report", 1), RUDE, 7))
        await somebody_waits(other)
        proof = onboarding.CredentialEdit("credential", "PCC")
        await onboarding.add_credential(tx, ada, proof)
    await other
    async with transaction(ada) as tx:
        assert await account_queries.is_suspended(tx, ada.person_id or 0)
        assert await tx.db.scalar(text("SELECT count(*) FROM coach_credentials")) == 1


async def test_a_suspended_client_is_booked_by_nobody(db):
    ben, ada, case = await reported()
    coach, offering_id = await make_open_coach()
    await decide(await staff(), working.suspend, case, RUDE, 7)
    async with transaction(coach) as tx:
        await engagements.ensure(tx, coach.person_id or 0, ben.person_id or 0, "active")
    order = scheduling.Order(
        client_id=ben.person_id or 0, offering_id=offering_id, starts_at=slot(), pay="free"
    )
    with pytest.raises(NotBookable) as told:
        async with transaction(coach) as tx:
            await scheduling.book_for(tx, coach, order)
    assert "suspen" not in str(told.value), "that is between them and us"
    assert ada.person_id


async def warned(who: Actor, by: Actor) -> int:
    """Reported, warned and not of that opinion: the number of the appeal."""
    reporter = await make_user()
    async with transaction(reporter) as tx:
        await actions.note_report(tx, reporter, who.person_id or 0, reason="scam", words="Cash.")
    async with transaction(Actor.system_job("moderation.test")) as tx:
        case = Case("report", await tx.db.scalar(text("SELECT max(id) FROM reports")))
    await decide(by, working.warn, case, RUDE)
    return await appeal(await token_of(case))


async def test_an_appeal_of_one_of_two_moderators_is_answered_by_the_other(db):
    olga, omar, ines = await staff("Olga"), await staff("Omar"), await staff("Ines")
    async with transaction(olga) as tx:  # nor can she answer
        await accounts.suspend(tx, olga, ines.person_id or 0, 1, reason=RUDE, until=None)
    number = await warned(omar, by=olga)
    assert (await mails(olga), "appeal.waiting" in await mails(ines)) == (["appeal.waiting"], False)
    async with transaction(olga) as tx:
        await working.decide_appeal(tx, olga, number, lifted=True, words="We were wrong.")
    assert (await mails(omar))[-1] == "moderation.answered"


async def test_what_is_taken_back_leaves_no_appeal_to_answer(db):
    ben, _, case = await reported()
    olga, omar = await staff("Olga"), await staff("Omar")
    await decide(olga, working.suspend, case, RUDE, 0)
    token = (await door(ben)).suspended
    number = await appeal(token)
    await decide(olga, working.take_back, case, "Another one had used the account.")
    async with transaction(omar) as tx:
        with pytest.raises(Conflict):
            await working.decide_appeal(tx, omar, number, lifted=False, words="It stays.")
    async with transaction(VISITOR) as tx:
        page = await queries.decision_page(tx, token)
    assert (page.appeal, page.may_appeal) == ("lifted", False)
    assert "taken the decision back" in page.answer
    assert "Another one" not in page.answer, "these words are for other moderators"


async def test_answering_and_taking_back_at_once_do_one_of_both(db):
    ben, _, case = await reported()
    olga, omar = await staff("Olga"), await staff("Omar")
    await decide(olga, working.suspend, case, RUDE, 0)
    number = await appeal((await door(ben)).suspended)

    async def answer() -> None:
        async with transaction(omar) as tx:
            await working.decide_appeal(tx, omar, number, lifted=True, words="We were wrong.")

    told = await asyncio.gather(
        answer(), decide(olga, working.take_back, case, "No."), return_exceptions=True
    )
    assert sorted(map(type, told), key=str) == sorted([type(None), Conflict], key=str)
    assert (await door(ben)).token
