"""What search engines read of a coach without reading the page: schema.org as JSON-LD."""

import json
from typing import Any

from loom_app.domains.coaches.queries import CoachPage, OfferingView


def coach(page: CoachPage, base: str) -> dict[str, Any]:
    """A service and who provides it; what a coach has not said is left out. `base` without a
    slash at its end."""
    address = f"{base}/coaches/{page.slug}"
    person: dict[str, Any] = {
        "@type": "Person",
        "@id": f"{address}#coach",
        "name": page.name,
        "url": address,
        "image": f"{base}{page.avatar_url}" if page.avatar_url else "",
        "description": page.bio,
        "knowsAbout": page.specialties,
        "knowsLanguage": page.languages,
        "hasCredential": [
            {"@type": "EducationalOccupationalCredential", "name": words}
            for words in page.certifications
        ],
    }
    service: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Service",
        "name": page.headline,
        "serviceType": "Coaching",
        "url": address,
        "provider": _said(person),
        "offers": [_offer(one, base, page.slug) for one in page.offerings],
    }
    if page.rating_count:
        service["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": page.rating_avg,
            "ratingCount": page.rating_count,
            "bestRating": 5,
        }
    return _said(service)


def _offer(one: OfferingView, base: str, slug: str) -> dict[str, Any]:
    return _said(
        {
            "@type": "Offer",
            "name": one.name,
            "description": one.description,
            "price": str(one.price.decimal),
            "priceCurrency": one.currency,
            "url": f"{base}/book/{slug}/time?offering={one.id}",
        }
    )


def _said(thing: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in thing.items() if value not in ("", [])}


def script(thing: dict[str, Any]) -> str:
    """The element for a page's head. Data is never run, and nothing in it can end the element."""
    words = json.dumps(thing, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        words = words.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">{words}</script>'
