"""The words behind the forgiving search are everybody's; only one's own ever leave it."""

import pytest

from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries.search import forget_words
from loom_app.kit.db.transaction import transaction
from tests.domains.messaging.test_search import learn, send
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk


@pytest.mark.parametrize(
    ("slip", "hits", "sought"),
    [
        ("fibromialgya", 0, {"fibromialgya"}),
        ("medci", 1, {"medci", "medicinal", "medical"}),
        ("medicinla", 1, {"medicinla", "medicinal"}),
    ],
)
async def test_words_of_strangers_never_leave_by_way_of_a_slip(db, slip, hits, sought):
    forget_words()
    _, ben, chat = await make_pair()
    dora = await make_user(name="Dora Kern", roles={"coach"})
    cleo = await make_user(name="Cleo Marsh")
    other = await make_talk(dora, cleo)
    await send(ben, chat, "fibromyalgia medic")
    await send(cleo, other, "A medicinal tea, and medical advice")
    await learn()
    async with transaction(dora) as tx:
        found = await queries.search(tx, dora, slip)
    assert (len(found.hits), set(found.sought)) == (hits, sought)
