"""Public holidays of a country or a part of it, by the `holidays` library. Pure.

A holiday is known by its name, without what the library adds ("observed", "estimated"), since its
date differs from year to year: a coach who works on it says so once.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays as library
from babel import Locale

_ADDED = re.compile(r" \([^)]*\)$")


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """Two-letter codes and names, by name."""
    names = Locale("en").territories
    known = library.list_supported_countries(include_aliases=False)
    return dict(sorted(((c, names[c]) for c in known if c in names), key=lambda one: one[1]))


@lru_cache(maxsize=256)
def regions(country: str) -> dict[str, str]:
    """Codes and names of the parts of a country that have holidays of their own."""
    if country not in countries():
        return {}
    found = library.country_holidays(country)
    names = {code: name for name, code in found.subdivisions_aliases.items()}
    return dict(sorted(((c, names.get(c, c)) for c in found.subdivisions), key=lambda one: one[1]))


@lru_cache(maxsize=1024)
def in_years(country: str, region: str, first: int, last: int) -> Mapping[date, tuple[str, ...]]:
    """The names of each date's holidays; nothing for a country that the library does not know."""
    if country not in countries() or (region and region not in regions(country)):
        return {}
    found = library.country_holidays(
        country, subdiv=region or None, years=range(first, last + 1), language=_language(country)
    )
    return {
        day: tuple(dict.fromkeys(plain(one) for one in found.get_list(day)))
        for day in sorted(found)
    }


def names(country: str, region: str, year: int) -> dict[str, date]:
    """Each holiday of this year and the next with its first date, by date."""
    found: dict[str, date] = {}
    for day, called in in_years(country, region, year, year + 1).items():
        for name in called:
            found.setdefault(name, day)
    return found


@lru_cache(maxsize=2048)
def closed(
    country: str, region: str, working: tuple[str, ...], first: int, last: int
) -> Mapping[date, str]:
    """The dates off and why: those with a holiday on which the coach does not work."""
    off: dict[date, str] = {}
    for day, names in in_years(country, region, first, last).items():
        left = [name for name in names if name not in working]
        if left:
            off[day] = ", ".join(left)
    return off


def plain(name: str) -> str:
    return _ADDED.sub("", name)


@lru_cache(maxsize=256)
def _language(country: str) -> str | None:
    languages = library.list_localized_countries(include_aliases=False).get(country, [])
    return next((one for one in languages if one.startswith("en")), None)
