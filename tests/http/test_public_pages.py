from loom_app.http import public_pages


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
