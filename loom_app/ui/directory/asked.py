"""The address of the directory read as filters; nonsense in it asks for nothing."""

from datetime import date

from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit.text import t
from loom_app.ui.filters.address import Asked, one

PAGE_SIZE = 12
MOST_PAGES = 10_000
MOST_MONEY = 1_000_000
SORTS: dict[str, str] = {
    "best": t("Best match"),
    "rating": t("Best rated"),
    "soonest": t("Free soonest"),
    "price": t("Lowest price"),
}
RATINGS = ("4.5", "4", "3")
PARTS: dict[str, str] = {
    "morning": t("Morning, 6 to 12"),
    "afternoon": t("Afternoon, 12 to 17"),
    "evening": t("Evening, 17 to 22"),
}
KEYS = frozenset(
    {
        "q",
        "specialty",
        "language",
        "certification",
        "rating",
        "currency",
        "min",
        "max",
        "from",
        "to",
        "time",
    }
)


def filters_of(asked: Asked, zone: str) -> scheduling.Filters:
    """What an address asks for, in the zone of who looks."""
    sort, rating = one(asked, "sort", "best"), one(asked, "rating")
    return scheduling.Filters(
        query=one(asked, "q"),
        specialties=asked.get("specialty", ()),
        languages=asked.get("language", ()),
        certifications=asked.get("certification", ()),
        rating=float(rating) if rating in RATINGS else 0.0,
        currency=one(asked, "currency"),
        price_from=_number(one(asked, "min"), MOST_MONEY),
        price_to=_number(one(asked, "max"), MOST_MONEY),
        first=_day(one(asked, "from")),
        last=_day(one(asked, "to")),
        parts=tuple(part for part in asked.get("time", ()) if part in PARTS),
        zone=zone,
        sort=sort if sort in SORTS else "best",
        page=_number(one(asked, "page"), MOST_PAGES) or 1,
        page_size=PAGE_SIZE,
    )


def _number(word: str, most: int) -> int | None:
    return min(int(word), most) if word.isascii() and word.isdecimal() and len(word) < 9 else None


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None
