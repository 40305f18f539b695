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


def halves() -> bytes:
    """Red on the left, blue on the right."""
    made = Image.new("RGB", (800, 400), (250, 0, 0))
    made.paste((0, 0, 250), (400, 0, 800, 400))
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("x", "width", "colour"), [(0, 50, "red"), (50, 50, "blue"), (99.9, 50, "blue")]
)
async def test_the_part_that_was_chosen_is_shown(browser, ben, x, width, colour):
    asked = {"x": x, "y": 0, "width": width, "height": 100}
    answer = await browser.post("/files/avatar", params=asked, content=halves())
    served = await browser.get(answer.json()["url"])
    with Image.open(io.BytesIO(served.content)) as made:
        assert made.size == (512, 512)
        red, _, blue = made.convert("RGB").crop((256, 256, 257, 257)).tobytes()
    assert (red > blue) == (colour == "red")


@pytest.mark.parametrize(
    "asked",
    [
        {"x": "0"},
        {"x": "a", "y": "0", "width": "10", "height": "10"},
        {"x": "nan", "y": "0", "width": "10", "height": "10"},
        {"x": "-1", "y": "0", "width": "10", "height": "10"},
        {"x": "0", "y": "100", "width": "10", "height": "10"},
        {"x": "0", "y": "0", "width": "0", "height": "10"},
        {"x": "0", "y": "0", "width": "10", "height": "inf"},
    ],
)
async def test_a_part_that_is_none_is_refused_in_words(browser, ben, asked):
    answer = await browser.post("/files/avatar", params=asked, content=picture())
    assert answer.status_code == 422
    assert "once more" in answer.json()["error"]


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
