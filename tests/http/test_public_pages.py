import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import text

from loom_app.domains.coaches import actions as coaches
from loom_app.http import public_pages
from loom_app.kit.db.transaction import transaction
from tests.factories.coaches import OFFERING, PROFILE, make_coach, make_verified

SHELL = '<html><head><title>Old</title><meta name="description" content="x"></head></html>'
DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A page as the build leaves it."""
    (tmp_path / "__spa-fallback.html").write_text(SHELL)
    monkeypatch.setattr(public_pages, "CLIENT", tmp_path)


def test_words_put_into_a_head_are_escaped():
    page = '<html><head><title>Old</title><meta name="description" content="x"></head></html>'
    made = public_pages.with_head(
        page, title='<script>"x"', description="a\n<b>", address="https://loom.test/c"
    )
    assert "<script>" not in made
    assert "<title>&lt;script&gt;&quot;x&quot;</title>" in made
    assert made.count("<title>") == 1
    assert 'content="a &lt;b&gt;"' in made


async def test_the_sitemap_lists_public_pages(browser):
    answer = await browser.get("/sitemap.xml")
    assert answer.status_code == 200
    assert "<loc>http://localhost:8000/coaches</loc>" in answer.text
    assert "Sitemap: http://localhost:8000/sitemap.xml" in (await browser.get("/robots.txt")).text


async def test_a_calendar_file_is_not_for_strangers(browser):
    assert (await browser.get("/calendar/1.ics")).status_code == 404


async def test_readiness_asks_the_database(browser):
    assert (await browser.get("/health/ready")).json() == {"status": "ok"}


async def test_search_engines_read_a_coach_as_data(browser, built, cleaner):
    evil = "Calm </script><script>alert(1)</script> & clear"
    ada, offering_id = await make_coach(profile=replace(PROFILE, bio=evil))
    await make_verified(ada, "ICF PCC")
    async with transaction(ada) as tx:
        yen = replace(OFFERING, name="Short talk", price_minor=9_000, currency="JPY")
        await coaches.create_offering(tx, ada, yen)
        await coaches.create_offering(tx, ada, replace(OFFERING, name="Hello", price_minor=0))
    slug = f"ada-lindqvist-{ada.person_id}"
    answer = await browser.get(f"/coaches/{slug}")
    (found,) = DATA.findall(answer.text)
    data = json.loads(found)
    assert data["provider"]["description"] == evil
    assert data["provider"]["hasCredential"][0]["name"] == "ICF PCC"
    assert "image" not in data["provider"], "she has no photo"
    assert "aggregateRating" not in data, "nobody has rated her"
    assert {(one["name"], one["price"], one["priceCurrency"]) for one in data["offers"]} == {
        ("Clarity session", "120.00", "EUR"),
        ("Short talk", "9000", "JPY"),
        ("Hello", "0.00", "EUR"),
    }
    assert f"http://localhost:8000/book/{slug}/time?offering={offering_id}" in {
        one["url"] for one in data["offers"]
    }
    cleaner.execute(text("UPDATE coach_profiles SET rating_avg = 4.84, rating_count = 5"))
    cleaner.execute(text("UPDATE users SET avatar = '/people/ada.webp'"))
    answer = await browser.get(f"/coaches/{slug}")
    data = json.loads(DATA.findall(answer.text)[0])
    assert data["aggregateRating"]["ratingValue"] == 4.8
    picture = "http://localhost:8000/people/ada.webp"
    assert data["provider"]["image"] == picture
    assert f'<meta property="og:image" content="{picture}">' in answer.text


async def test_a_draft_is_not_told_to_search_engines(browser, built):
    ada, _ = await make_coach(published=False)
    for slug in (f"ada-lindqvist-{ada.person_id}", "nobody"):
        answer = await browser.get(f"/coaches/{slug}")
        assert (answer.status_code, answer.text) == (404, SHELL)
    assert "ada-lindqvist" not in (await browser.get("/sitemap.xml")).text


async def test_booking_with_nobody_is_not_found(browser, built):
    ada, _ = await make_coach()
    draft, _ = await make_coach(name="Bea", published=False)
    for name, status in (("ada-lindqvist", 200), ("nobody", 404)):
        for step in ("", "/", "/time", "/embed", "/embed/"):
            answer = await browser.get(f"/book/{name}-{ada.person_id}{step}")
            assert (answer.status_code, answer.text) == (status, SHELL), step
    assert (await browser.get(f"/book/bea-{draft.person_id}")).status_code == 404


@pytest.mark.parametrize(
    "asked", [{"headers": {"sec-fetch-dest": "iframe"}}, {"params": "embed=1"}]
)
async def test_the_plain_address_in_a_frame_is_the_page_made_for_it(browser, built, asked):
    answer = await browser.get("/book/ada", **asked)
    assert answer.headers["location"] == "/book/ada/embed"
    assert "sec-fetch-dest" in answer.headers["vary"]
    answer = await browser.get(
        "/book/ada/time?offering=3&theme=dark&next=//evil.test",
        headers={"sec-fetch-dest": "iframe"},
    )
    assert answer.headers["location"] == "/book/ada/embed?offering=3&theme=dark"
