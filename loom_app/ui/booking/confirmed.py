"""The last step: it waits until the payment is known, and only then says so."""

import reflex as rx

from loom_app.ui.booking.outcome import OutcomeState
from loom_app.ui.design.button import link_button, spinner
from loom_app.ui.design.card import card, facts, where
from loom_app.ui.design.icon import icon
from loom_app.ui.shell.frame import focus_frame
from loom_app.ui.text import t


def _sign(icon_name: str, look: str) -> rx.Component:
    return rx.el.span(
        icon(icon_name, 32),
        class_name=f"flex size-20 items-center justify-center rounded-full {look}",
    )


def _message(sign: rx.Component, title: str, words: str, *more: rx.Component) -> rx.Component:
    return rx.el.div(
        sign,
        rx.el.h1(title, class_name="display text-3xl"),
        rx.el.p(words, class_name="max-w-md text-base text-muted"),
        *more,
        role="status",
        class_name="flex flex-col items-center gap-5 py-10 text-center",
    )


def _done() -> rx.Component:
    return _message(
        _sign("check", "bg-good-soft text-good enter"),
        t("You are booked"),
        t("A confirmation with a calendar file is on its way to your inbox."),
        card(
            facts(
                (t("When"), rx.el.span(OutcomeState.when, class_name="font-medium")),
                (t("With"), OutcomeState.coach_name),
                (t("What"), OutcomeState.offering_name),
                (
                    t("Where"),
                    where(OutcomeState.place_words, OutcomeState.directions, OutcomeState.there),
                ),
            ),
            class_name="w-full max-w-form p-5 text-left",
        ),
        rx.el.div(
            link_button(t("See the session"), OutcomeState.session_href, size="lg"),
            link_button(
                t("Write to your coach"),
                OutcomeState.chat_href,
                kind="secondary",
                size="lg",
                icon_name="message-circle",
            ),
            class_name="flex w-full flex-col justify-center gap-3 sm:w-auto sm:flex-row",
        ),
    )


def _outcome() -> rx.Component:
    again = link_button(t("Choose another time"), OutcomeState.again_href, size="lg")
    return rx.match(
        OutcomeState.phase,
        ("confirmed", _done()),
        (
            "lost",
            _message(
                _sign("calendar-x", "bg-warn-soft text-warn"),
                t("That time is gone"),
                t(
                    "Somebody was faster, or it was kept for too long. If you paid, it all goes "
                    "back to your card by itself."
                ),
                again,
            ),
        ),
        (
            "waiting",
            _message(
                _sign("landmark", "bg-sunken text-muted"),
                t("We keep this time for you"),
                t(
                    "Your bank is sending the payment, which can take some days. The session is "
                    "booked when it is there; we write to you then, or if it does not come."
                ),
                card(
                    facts(
                        (t("When"), rx.el.span(OutcomeState.when, class_name="font-medium")),
                        (t("With"), OutcomeState.coach_name),
                        (t("What"), OutcomeState.offering_name),
                    ),
                    class_name="w-full max-w-form p-5 text-left",
                ),
                link_button(t("See your payments"), "/payments", kind="secondary", size="lg"),
            ),
        ),
        (
            "none",
            _message(
                _sign("calendar-x", "bg-sunken text-muted"),
                t("No booking is named here"),
                t(
                    "The address of this page is not complete. What you have booked is among your"
                    " sessions."
                ),
                link_button(t("See your sessions"), "/sessions", size="lg"),
            ),
        ),
        (
            "failed",
            _message(
                _sign("credit-card", "bg-bad-soft text-bad"),
                t("The payment did not go through"),
                t("Nothing was charged. You can try again in another way."),
                again,
            ),
        ),
        _message(
            rx.el.span(spinner(32), class_name="flex size-20 items-center justify-center"),
            t("Confirming your booking"),
            t("This takes a few seconds. You can leave the page; we write to you either way."),
        ),
    )


def confirmed_page() -> rx.Component:
    return focus_frame(_outcome())
