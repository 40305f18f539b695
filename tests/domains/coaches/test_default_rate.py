"""Where a price comes from: the offering, its coach, the platform (SCH-2)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from loom_app.domains.coaches import actions, queries
from loom_app.domains.coaches.rules import Usual, usual_price
from loom_app.domains.platform import current
from loom_app.domains.scheduling.queries import directory_rows
from loom_app.kit import settings as kit
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from tests.domains.platform.helpers import choose
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PROFILE, make_account, make_verified

pytestmark = pytest.mark.usefixtures("db")
ADAS = replace(PROFILE, slug="ada-lindqvist", default_price_minor=None)
UNPRICED = replace(OFFERING, price_minor=None, duration_minutes=50)


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    current.reset()
    yield
    current.reset()


@pytest.fixture
async def olga() -> Actor:
    return await make_user(name="Olga", roles=["staff"])


@pytest.fixture
async def ada() -> Actor:
    """Has no usual price."""
    coach = await make_user(name="Ada Lindqvist", roles=["coach"])
    await make_verified(coach)
    async with transaction(coach) as tx:
        await actions.save_profile(tx, coach, ADAS)
    await make_account(coach)
    return coach


async def offer(ada: Actor, **more) -> queries.OfferingView:
    async with transaction(ada) as tx:
        offering_id = await actions.create_offering(tx, ada, replace(UNPRICED, **more))
        return await queries.offering(tx, ada, offering_id)


async def again(ada: Actor, view: queries.OfferingView) -> queries.OfferingView:
    async with transaction(ada) as tx:
        return await queries.offering(tx, ada, view.id)


async def usual(ada: Actor, minor: int | None) -> None:
    async with transaction(ada) as tx:
        await actions.save_profile(tx, ada, replace(ADAS, default_price_minor=minor))


def price(view: queries.OfferingView) -> tuple[int, str, str]:
    return view.price_minor, view.currency, view.price_from


async def test_each_level_stands_in_for_the_one_above_it(ada, olga):
    with pytest.raises(Invalid) as needed:
        await offer(ada)
    assert needed.value.field == "price_minor"
    await choose(olga, "money", default_rate_minor=9000, default_rate_currency="USD")
    own, leaning = await offer(ada, price_minor=12_000), await offer(ada)
    assert price(own) == (12_000, OFFERING.currency, "own")
    assert price(leaning) == (7500, "USD", "platform")  # 50 minutes of an hour at $90
    await usual(ada, 8000)
    assert price(await again(ada, leaning)) == (8000, PROFILE.currency, "coach")
    assert price(await again(ada, own)) == (12_000, OFFERING.currency, "own")
    await usual(ada, None)  # may go, since there is the platform's
    assert price(await again(ada, leaning)) == (7500, "USD", "platform")
    await choose(olga, "money", default_rate_minor=12_000, default_rate_currency="JPY")
    assert price(await again(ada, leaning)) == (10_000, "JPY", "platform")
    assert price(await offer(ada, price_minor=0)) == (0, OFFERING.currency, "own")


async def test_the_rate_stays_as_long_as_an_offering_has_no_other_price(ada, olga):
    await choose(olga, "money", default_rate_minor=9000)
    leaning = await offer(ada)
    with pytest.raises(Invalid) as needed:
        await choose(olga, "money", default_rate_minor=0)
    assert needed.value.field == "default_rate_minor"
    async with transaction(ada) as tx:
        await actions.archive_offering(tx, ada, leaning.id)
    await choose(olga, "money", default_rate_minor=0)
    with pytest.raises(Invalid):
        async with transaction(ada) as tx:
            await actions.restore_offering(tx, ada, leaning.id)


async def test_what_nobody_has_a_price_for_is_not_free_but_out_of_sale(ada, olga):
    """An environment that no longer says a rate is asked by nobody."""
    await choose(olga, "money", default_rate_minor=9000)
    leaning = await offer(ada)
    async with transaction(ada) as tx:
        await actions.publish(tx, ada)
        (shop,) = await directory_rows.published(tx)
    kit.choose({})
    gone = await again(ada, leaning)
    assert (gone.archived, gone.price_from) == (True, "")
    card = directory_rows.Found(shop.profile, 0, shop.offers)
    assert card.bookable == []


def test_a_rate_is_a_price_that_cards_take(monkeypatch):
    def at(rate: int, currency: str, minutes: int) -> Usual | None:
        monkeypatch.setattr(kit.settings(), "default_rate_minor", rate)
        monkeypatch.setattr(kit.settings(), "default_rate_currency", currency)
        return usual_price(None, "EUR", minutes)

    assert at(0, "USD", 60) is None
    assert at(10_000, "USD", 50) == Usual(8333, "USD", "platform")
    assert at(10_001, "KWD", 60) == Usual(10_000, "KWD", "platform")  # in steps of 0.01
    assert at(100, "USD", 5) == Usual(50, "USD", "platform")  # no card is charged less
    assert usual_price(0, "EUR", 60) == Usual(0, "EUR", "coach")


async def test_new_coaches_begin_with_the_platforms_policy(olga):
    await choose(olga, "booking", cancel_free_hours=48, cancel_late_percent=50)
    cora = await make_user(name="Cora", roles=["coach"])
    async with transaction(cora) as tx:
        form = await queries.my_profile_form(tx, cora)
    assert (form.policy.free_hours, form.policy.late_percent) == (48, 50)
