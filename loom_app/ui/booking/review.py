"""The review step: everything in one look, the terms before the click, and one button."""

from typing import Any

import reflex as rx

from loom_app.ui.booking.details import another_time
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.thumb import thumb_bar
from loom_app.ui.booking.ways import WaysState
from loom_app.ui.design.alert import alert
from loom_app.ui.design.browser.leave import leave_for
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, facts, where
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.field import checkbox
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.session import Viewer
from loom_app.ui.text import t


def _terms() -> rx.Component:
    words_look = "text-sm sm:text-base"
    return rx.el.div(
        icon("shield-check", 20, class_name="mt-0.5 text-good"),
        rx.el.div(
            rx.cond(
                ReviewState.package,
                rx.fragment(),
                rx.foreach(
                    ReviewState.parts,
                    lambda words: rx.el.p(words, class_name=f"{words_look} font-medium"),
                ),
            ),
            rx.el.p(
                rx.cond(ReviewState.package, ReviewState.package_terms, ReviewState.terms),
                class_name=words_look,
            ),
            rx.cond(
                BookingState.policy,
                rx.el.p(BookingState.policy, class_name="text-sm text-muted"),
                rx.fragment(),
            ),
            class_name="flex flex-col gap-1",
        ),
        class_name="flex gap-2 sm:gap-3",
    )


def line_choice(
    name: str, value: Any, words: Any, note: Any, icon_name: str, **radio: Any
) -> rx.Component:
    """One of several; the whole line is the target."""
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=name,
            value=value,
            class_name="size-5 shrink-0 accent-[var(--brand)]",
            **radio,
        ),
        icon(icon_name, 20, class_name="text-muted"),
        rx.el.span(words, class_name="min-w-0 flex-1 text-base"),
        rx.el.span(note, class_name="text-sm text-muted tabular"),
        class_name=(
            "flex min-h-12 cursor-pointer items-center gap-3 border-b border-line px-4 py-2.5 "
            "last:border-b-0 hover:bg-hover/60"
        ),
    )


def _way(value: Any, words: Any, note: Any, icon_name: str) -> rx.Component:
    """One way to pay."""
    chosen = WaysState.chosen == value
    change = WaysState.choose(value)
    return line_choice("way", value, words, note, icon_name, checked=chosen, on_change=change)


def _card(card: rx.Var[list[str]]) -> rx.Component:
    return _way(card[0], card[1], card[2], "credit-card")


def ways() -> rx.Component:
    """Shown where there is a choice: credit, saved cards, or another card."""
    credit = rx.cond(
        WaysState.credit,
        checkbox(
            t("Use {credit} of your credit", credit=WaysState.credit),
            "credit",
            checked=WaysState.use_credit,
            on_change=WaysState.spend,
        ),
        rx.fragment(),
    )
    cards = rx.cond(
        WaysState.cards.length() > 0,
        rx.el.fieldset(
            rx.el.legend(t("Pay with"), class_name="mb-2 text-sm font-medium"),
            rx.el.div(
                rx.foreach(WaysState.cards, _card),
                _way("page", t("Another card"), "", "plus"),
                class_name="overflow-hidden rounded-card border border-line bg-surface",
            ),
        ),
        rx.fragment(),
    )
    keep = rx.cond(
        (WaysState.chosen == "page") & ~WaysState.kept,
        checkbox(
            t("Save the card for next time"),
            "save-card",
            checked=WaysState.save_card,
            on_change=WaysState.keep,
        ),
        rx.fragment(),
    )
    return rx.el.div(
        credit,
        rx.cond(
            WaysState.all_credit,
            rx.fragment(),
            rx.el.div(cards, keep, class_name="flex flex-col gap-2 pb-2"),
        ),
        class_name="flex flex-col gap-2",
    )


def _package(item: rx.Var[list[str]]) -> rx.Component:
    pair: Any = item
    return _source(pair[0], pair[1], pair[2], "package")


def _source(value: Any, words: Any, note: Any, icon_name: str) -> rx.Component:
    chosen = ReviewState.package == value
    return line_choice(
        "package", value, words, note, icon_name, checked=chosen, on_change=ReviewState.take(value)
    )


def _what_with() -> rx.Component:
    """A package of the client's comes first; else, and where they wish, it is paid."""
    packages = rx.cond(
        ReviewState.packages.length() > 0,
        rx.el.fieldset(
            rx.el.legend(t("Book with"), class_name="mb-2 text-sm font-medium"),
            rx.el.div(
                rx.foreach(ReviewState.packages, _package),
                _source("", t("Pay for this session alone"), "", "credit-card"),
                class_name="overflow-hidden rounded-card border border-line bg-surface",
            ),
        ),
        rx.fragment(),
    )
    return rx.el.div(
        packages,
        rx.cond(ReviewState.free_of_charge | (ReviewState.package != ""), rx.fragment(), ways()),
        class_name="flex flex-col gap-4",
    )


def _pay() -> rx.Component:
    return rx.el.div(
        _what_with(),
        rx.cond(
            WaysState.kept & (ReviewState.package == ""),
            rx.el.p(
                icon("credit-card", 16, class_name="mt-0.5"),
                rx.el.span(t("The card is saved, as a part is taken from it later.")),
                class_name="flex gap-2 text-sm text-muted",
            ),
            rx.fragment(),
        ),
        rx.cond(
            ReviewState.free_of_charge
            | WaysState.all_credit
            | (WaysState.chosen != "page")
            | (ReviewState.package != ""),
            rx.fragment(),
            rx.el.p(
                icon("lock", 16, class_name="mt-0.5"),
                rx.el.span(t("You pay on Stripe's page and come straight back.")),
                class_name="flex gap-2 text-sm text-muted",
            ),
        ),
        thumb_bar(
            button(
                rx.cond(ReviewState.package, t("Book session"), WaysState.label),
                size="lg",
                busy=ReviewState.paying,
                on_click=ReviewState.pay,
                class_name="w-full sm:w-auto",
            )
        ),
        # on a phone all are of the step itself: the bar stays at the edge from its beginning on
        class_name="max-sm:contents sm:flex sm:flex-col sm:gap-3",
    )


def _who_are_you() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            t("Almost there. Tell us who is coming; your time is kept meanwhile."),
            class_name="text-base",
        ),
        rx.el.div(
            link_button(
                t("Create an account"),
                ReviewState.sign_up_href,
                size="lg",
                class_name="max-sm:px-2",
            ),
            link_button(t("Sign in"), ReviewState.sign_in_href, kind="secondary", size="lg"),
            class_name="grid grid-cols-2 gap-3 sm:flex",
        ),
        class_name="flex flex-col gap-4",
    )


def confirm_address() -> rx.Component:
    return rx.el.div(
        icon("mail", 20, class_name="mt-0.5 text-info"),
        rx.el.p(
            t("Confirm your address first: open the link in the mail we sent you."),
            class_name="text-base",
        ),
        class_name="flex gap-3 rounded-control bg-info-soft p-4",
    )


def _when() -> rx.Component:
    return rx.fragment(
        rx.el.span(BookingState.held.when, class_name="block font-medium"),
        rx.cond(
            BookingState.held.other,
            rx.el.span(
                t("{when} for your coach", when=BookingState.held.other),
                class_name="block text-sm text-muted",
            ),
            rx.fragment(),
        ),
    )


def _date(item: rx.Var[list[str]]) -> rx.Component:
    other = rx.el.span(
        t("{when} for your coach", when=item[1]), class_name="block text-sm text-muted"
    )
    return rx.el.li(item[0], rx.cond(item[1], other, rx.fragment()))


def _series() -> rx.Component:
    """Every time of a series; on a phone in a sheet of its own."""
    held = BookingState.held

    def dates(look: str) -> rx.Component:
        return rx.el.ol(
            rx.foreach(held.dates, _date),
            class_name=f"list-inside list-decimal text-sm tabular {look}",
        )

    every = button(t("All dates"), kind="ghost", size="sm", class_name="-mr-3 sm:hidden")
    return rx.cond(
        held.series,
        rx.el.div(
            rx.el.div(
                rx.el.p(held.series, class_name="text-sm font-medium"),
                dialog(held.series, dates("mt-3 flex flex-col gap-1.5"), trigger=every),
                class_name="flex items-center justify-between gap-3",
            ),
            dates("mt-1 grid grid-cols-2 gap-x-3 max-sm:hidden"),
            class_name="mt-2 border-t border-line sm:mt-3 sm:pt-3",
        ),
        rx.fragment(),
    )


def _summary() -> rx.Component:
    return card(
        facts(
            (t("With"), BookingState.coach.name),
            (t("What"), BookingState.offering.name),
            (t("When"), _when()),
            (t("How long"), BookingState.offering.duration),
            (
                t("Where"),
                where(
                    BookingState.offering.place,
                    BookingState.offering.directions,
                    BookingState.held.there,
                ),
            ),
            (
                t("Price"),
                rx.el.span(
                    rx.cond(
                        ReviewState.package,
                        t("One of your package"),
                        BookingState.price_words,
                    ),
                    class_name="font-semibold",
                ),
            ),
            above=2,
        ),
        _series(),
        rx.cond(
            ReviewState.agenda,
            rx.el.p(
                ReviewState.agenda,
                class_name=(
                    "mt-2 whitespace-pre-line border-t border-line pt-2 text-base sm:mt-4 sm:pt-4"
                ),
            ),
            rx.fragment(),
        ),
        class_name="p-3 sm:p-5 md:p-6",
    )


def review_step() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("Does this look right?"), class_name="display text-xl sm:text-2xl"),
        alert(ReviewState.errors["starts_at"], another_time()),
        _summary(),
        _terms(),
        rx.cond(
            ReviewState.loaded,
            rx.cond(
                Viewer.signed_in,
                rx.cond(ReviewState.verified, _pay(), confirm_address()),
                _who_are_you(),
            ),
            loading(bone("h-12 w-48")),
        ),
        leave_for(ReviewState.checkout_url),
        class_name="flex max-w-[40rem] flex-col gap-2 sm:gap-6",
    )
