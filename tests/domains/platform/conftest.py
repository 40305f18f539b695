import pytest

from loom_app.domains.platform import current
from loom_app.kit.actor import Actor
from tests.factories.accounts import make_user


@pytest.fixture(autouse=True)
def _forgotten():
    current.reset()
    yield
    current.reset()


@pytest.fixture
async def olga(db) -> Actor:
    return await make_user(name="Olga", roles=["staff"], email="olga@loom.test")
