"""Who does not come is offered another time; who keeps not coming is known to staff."""

from dataclasses import replace

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.scheduling import actions, queries
from loom_app.integrations.mail import mailbox
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_open_coach, make_session, slot

FREE = replace(OFFERING, price_minor=0)


async def letters(name: str) -> list:
    """The mails to this person, oldest first."""
    await outbox.drain()
    return [
        one.message for one in reversed(await mailbox.newest()) if name in str(one.message["To"])
    ]


async def test_who_missed_it_is_offered_another_time_and_staff_hear_of_the_second(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach(offering=FREE)
    await make_user(name="Sam Staff", roles=("staff",))
    ben = await make_user()
    booked = [await make_session(ben, offering_id, slot(3 + n)) for n in range(4)]
    again = f"/book/ada-lindqvist-{ada.person_id}/time?offering={offering_id}"
    told = []
    for n, one in enumerate(booked):
        at(slot(3 if n == 0 else 1).replace(minute=30).isoformat())
        if n != 1:  # they came to the second
            async with transaction(ada) as tx:
                await actions.miss(tx, ada, one.session_id)
        told.append([str(mail["Subject"]) for mail in await letters("Sam Staff")])
    assert told[:3] == [[], [], []]
    assert told[3] == ["Ben Okafor missed 2 sessions in a row"]
    missed = [mail for mail in await letters("Ben Okafor") if "missed" in str(mail["Subject"])]
    assert len(missed) == 3
    assert again in missed[0].get_body(("plain",)).get_content()
    async with transaction(ben) as tx:
        assert (await queries.session(tx, ben, booked[0].session_id)).again_path == again
    async with transaction(ada) as tx:
        assert (await queries.session(tx, ada, booked[0].session_id)).again_path == ""
        await coaches.archive_offering(tx, ada, offering_id)
    async with transaction(ben) as tx:
        assert (await queries.session(tx, ben, booked[0].session_id)).again_path == ""
