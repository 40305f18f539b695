"""A coach in a list: who, what for, from how much, and when next."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge, tag
from loom_app.ui.design.card import card_link
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.text import t

GRID = "grid gap-4 sm:grid-cols-2 lg:grid-cols-3"


@dataclass(frozen=True)
class CoachRow:
    """What the card shows, already in words."""

    slug: str
    name: str
    initials: str
    hue: int
    avatar_url: str
    headline: str
    specialties: list[str] = field(default_factory=list)
    price: str = ""
    free_intro: bool = False
    next_free: str = ""
    closed: bool = False
    rating: str = ""
    reviews: str = ""


def rating_line(rating: Any, reviews: Any) -> rx.Component:
    """Stars as one number; nothing at all before the first review."""
    return rx.cond(
        rating,
        rx.el.span(
            icon("star", 16, class_name="fill-accent text-accent"),
            rx.el.span(t("Rated"), class_name="sr-only"),
            rx.el.span(rating, class_name="font-medium tabular text-ink"),
            rx.el.span(reviews, class_name="text-muted"),
            class_name="inline-flex items-center gap-1.5 text-sm",
        ),
        rx.fragment(),
    )


def _next(seen: Any) -> rx.Component:
    """The next free time, or why there is none."""
    return rx.cond(
        seen.next_free,
        rx.el.span(
            icon("calendar", 16),
            rx.el.span(t("Next free"), class_name="sr-only"),
            rx.el.span(seen.next_free, class_name="truncate"),
            class_name="inline-flex min-w-0 items-center gap-1.5 text-brand-ink",
        ),
        rx.el.span(
            rx.cond(seen.closed, t("Not bookable yet"), t("No free times yet")),
            class_name="text-muted",
        ),
    )


@rx.memo
def coach_card(rest: rx.RestProp, *, row: rx.Var[CoachRow]) -> rx.Component:
    seen: Any = row
    return card_link(
        rx.el.div(
            avatar(seen.initials, seen.hue, seen.avatar_url, size="lg"),
            rx.el.div(
                rx.el.h3(seen.name, class_name="truncate text-lg font-semibold"),
                rating_line(seen.rating, seen.reviews),
                class_name="min-w-0",
            ),
            class_name="flex items-center gap-4",
        ),
        rx.el.p(seen.headline, class_name="line-clamp-2 min-h-12 text-base text-muted"),
        rx.el.div(
            rx.cond(seen.free_intro, badge(t("Free first talk"), "accent"), rx.fragment()),
            rx.foreach(seen.specialties.to(list[str]), tag),
            class_name="flex h-7 flex-wrap items-center gap-1.5 overflow-hidden",
        ),
        rx.el.div(
            rx.el.span(seen.price, class_name="font-medium tabular"),
            _next(seen),
            class_name=(
                "flex items-center justify-between gap-3 border-t border-line pt-4 text-sm"
            ),
        ),
        rest,
        href=f"/coaches/{seen.slug}",
        class_name="flex flex-col gap-4 p-5",
    )


@rx.memo
def coach_line(rest: rx.RestProp, *, row: rx.Var[CoachRow]) -> rx.Component:
    """The same in one line, to compare many."""
    seen: Any = row
    return card_link(
        avatar(seen.initials, seen.hue, seen.avatar_url, size="md"),
        rx.el.div(
            rx.el.div(
                rx.el.h3(seen.name, class_name="truncate text-base font-semibold"),
                rating_line(seen.rating, seen.reviews),
                class_name="flex flex-wrap items-center gap-x-3",
            ),
            rx.el.p(seen.headline, class_name="truncate text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.el.div(
            rx.el.span(seen.price, class_name="font-medium tabular"),
            _next(seen),
            class_name=(
                "flex flex-wrap justify-between gap-x-3 text-sm sm:w-44 sm:flex-col sm:items-end"
            ),
        ),
        rest,
        href=f"/coaches/{seen.slug}",
        class_name="flex flex-col gap-3 p-4 sm:flex-row sm:items-center",
    )


def coach_list(rows: Any) -> rx.Component:
    return rx.el.div(
        rx.foreach(rows, lambda row: coach_line(row=row, key=row.slug)),
        class_name="flex flex-col gap-3",
    )


def _ghost() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            bone("size-16 rounded-full"),
            rx.el.div(bone("h-5 w-32"), bone("h-4 w-20"), class_name="space-y-2"),
            class_name="flex items-center gap-4",
        ),
        bone("h-12 w-full"),
        bone("h-7 w-2/3"),
        bone("mt-4 h-5 w-full"),
        class_name="flex flex-col gap-4 rounded-card border border-line bg-surface p-5",
    )


def ghost_cards(count: int = 6, grid: str = GRID) -> rx.Component:
    return loading(*(_ghost() for _ in range(count)), class_name=grid)


def coach_grid(rows: Any, grid: str = GRID) -> rx.Component:
    return rx.el.div(
        rx.foreach(rows, lambda row: coach_card(row=row, key=row.slug)), class_name=grid
    )
