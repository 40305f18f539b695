"""No page asks the database once for every row that it shows."""

from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

from loom_app.cli import seed
from loom_app.kit.permissions import names
from loom_app.ui.routes import routes
from tests import pages
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_open_coach
from tests.ui.test_groups import NOW, book

PEOPLE = {"coach": "ada@loom.test", "client": "ben@loom.test", "staff": "sam@loom.test"}


@pytest.mark.timeout(400)
async def test_no_page_repeats_a_statement_for_each_of_its_rows(db):
    await seed.demo()
    owner = create_engine(db)
    with owner.connect() as connection:
        ids = {
            who: connection.execute(
                text("SELECT user_id FROM credentials WHERE email_key = :e"), {"e": email}
            ).scalar_one()
            for who, email in PEOPLE.items()
        }
    owner.dispose()
    shared = pages.ids_of(db, ids["coach"], ids["client"])
    people = {
        "coach": pages.actor(ids["coach"], "coach"),
        "client": pages.actor(ids["client"], "client"),
        "staff": pages.actor(ids["staff"], "client", powers=names(), mfa=True),
    }
    opened = await pages.open_all(people, dict.fromkeys(people, shared))
    assert len(opened) > 80
    # the pages of staff were really theirs: this one alone reads the database from ten sides
    assert max(len(one.statements) for one in opened if one.path == "/staff/health") > 15
    assert pages.judged(opened) == []


async def test_a_group_of_six_asks_as_often_as_a_group_of_two(db, at):
    at(NOW)
    circle = replace(OFFERING, name="Circle", capacity=6, min_seats=1, price_minor=0)
    ada, offering_id = await make_open_coach(offering=circle)
    session_id, asked = 0, []
    for joining in (("Ben", "Cleo"), ("Dora", "Emil", "Fay", "Gus")):
        for name in joining:
            session_id = await book(await make_user(name=name), offering_id)
        (opened,) = await pages.open_all(
            {"coach": ada},
            {"coach": {"session_id": session_id}},
            only=[one for one in routes() if one.path == "/sessions/[session_id]"],
        )
        asked.append(len(opened.statements))
    assert asked[0] == asked[1] > 5
