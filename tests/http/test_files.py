import io

import pytest
from PIL import Image
from sqlalchemy import text

from loom_app.domains.accounts import actions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.files import avatars
from tests.factories.accounts import make_user


def picture(kind="PNG", size=(800, 600), **save) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (10, 120, 110)).save(out, kind, **save)
    return out.getvalue()


@pytest.fixture
async def ben(browser):
    made = await make_user()
    visitor = Actor(visitor="v" * 64)
    async with transaction(visitor) as tx:
        session = await actions.begin_session(
            tx, visitor, made.require_person(), actions.Device(), remember=True
        )
    browser.cookies.set("loom_session", session.token)
    return made


async def test_a_picture_is_remade_and_served(browser, ben):
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    answer = await browser.post("/files/avatar", content=picture("JPEG", exif=exif))
    url = answer.json()["url"]
    served = await browser.get(url)
    with Image.open(io.BytesIO(served.content)) as made:
        assert (made.format, made.size) == ("WEBP", (512, 512))
    assert b"secret" not in served.content
    assert "immutable" in served.headers["cache-control"]


async def test_a_new_picture_replaces_the_old_file(browser, ben):
    first = (await browser.post("/files/avatar", content=picture())).json()["url"]
    await browser.post("/files/avatar", content=picture())
    assert (await browser.get(first)).status_code == 404


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg onload=alert(1)>", b"<html>", b"GIF89a" + b"\0" * 50, picture()[:200]],
)
async def test_what_is_no_picture_is_refused_in_words(browser, ben, content):
    answer = await browser.post("/files/avatar", content=content)
    assert answer.status_code == 422
    assert "picture" in answer.json()["error"]
    async with transaction(ben) as tx:
        assert await tx.db.scalar(text("SELECT avatar FROM users")) == ""


async def test_a_stranger_uploads_nothing(browser):
    assert (await browser.post("/files/avatar", content=picture())).status_code == 401


@pytest.mark.parametrize("key", ["../secret.key", "..%2fsecret.key", "nope.webp", ".webp"])
async def test_a_key_is_no_path(browser, key):
    assert (await browser.get(f"/files/avatars/{key}")).status_code == 404


def test_a_picture_with_too_many_pixels_is_refused():
    with pytest.raises(Invalid):
        avatars.remake(picture(size=(8000, 6000)))
