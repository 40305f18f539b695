"""`/packages` and `/packages/<id>`: what is left, and how it came to that."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, card_link, facts, section
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import empty_state, message_page
from loom_app.ui.design.field import text_area, text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading, skeleton_rows
from loom_app.ui.packages.state import LineRow, PackageRow, PackagesState, PackageState
from loom_app.ui.payments.parts import payment_tabs
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t

package = PackageState.row


def _package(item: rx.Var[PackageRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        card_link(
            avatar(row.initials, row.hue, row.avatar_url),
            rx.el.div(
                rx.el.p(row.name, class_name="truncate text-base font-medium"),
                rx.el.p(
                    row.other,
                    rx.cond(row.note, rx.el.span(" · ", row.note), rx.fragment()),
                    class_name="truncate text-sm text-muted",
                ),
                class_name="min-w-0 flex-1",
            ),
            badge(row.status, row.tone),
            icon("chevron-right", 20, class_name="text-muted max-sm:hidden"),
            href=row.href,
            class_name="flex items-center gap-4 p-4 md:px-5",
        ),
        key=row.id,
    )


def _rows(rows: Any) -> rx.Component:
    return rx.el.ul(rx.foreach(rows, _package), class_name="flex flex-col gap-3")


def packages_page() -> rx.Component:
    sold, mine = PackagesState.sold, PackagesState.mine
    nothing = empty_state(
        "package",
        t("No packages yet"),
        link_button(t("See all coaches"), "/coaches", kind="secondary"),
        detail=t("Several sessions at once: coaches offer them on their pages."),
    )
    lists = rx.el.div(
        rx.cond(mine.length() > 0, _rows(mine), rx.fragment()),
        rx.cond(
            sold.length() > 0, section(t("Bought by your clients"), _rows(sold)), rx.fragment()
        ),
        rx.cond((mine.length() > 0) | (sold.length() > 0), rx.fragment(), nothing),
        class_name="flex max-w-[48rem] flex-col gap-10",
    )
    return app_frame(
        page_heading(t("Packages"), t("What is left of them.")),
        payment_tabs("packages"),
        rx.el.div(rx.cond(PackagesState.loaded, lists, card(skeleton_rows(3))), class_name="mt-6"),
        place="payments",
    )


def _line(item: rx.Var[LineRow]) -> rx.Component:
    row: Any = item
    what = rx.cond(
        row.href,
        rx.el.a(row.what, href=row.href, class_name="text-sm text-brand-ink underline"),
        rx.el.span(row.what, class_name="text-sm text-muted"),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.words, class_name="text-base"),
            rx.el.p(rx.el.span(row.day, class_name="text-sm text-muted"), " ", what),
            class_name="min-w-0 flex-1",
        ),
        rx.el.span(row.change, class_name="w-10 text-right text-base font-medium tabular"),
        rx.el.span(
            t("{n} left", n=row.left), class_name="w-16 text-right text-sm text-muted tabular"
        ),
        class_name="flex items-center gap-3 py-3",
    )


def _why_form(label: Any, submit: Any, send: Any) -> rx.Component:
    return rx.el.form(
        text_area(label, "why", error=PackageState.errors["why"], max_length=500, rows="3"),
        _choices(submit),
        on_submit=send,
        class_name="mt-4 flex flex-col gap-4",
    )


def _choices(submit: Any) -> rx.Component:
    return rx.el.div(
        dialog_close(button(t("Not now"), kind="secondary")),
        button(submit, type="submit", busy=PackageState.working),
        class_name="mt-2 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
    )


def _dialog(which: str, title: Any, label: Any, form: rx.Component) -> rx.Component:
    return rx.fragment(
        button(label, kind="secondary", on_click=PackageState.open_dialog(which)),
        dialog(
            title,
            form,
            opened=PackageState.dialog == which,
            on_open_change=PackageState.close_dialog,
        ),
    )


def _doing() -> rx.Component:
    """The client asks, the coach answers or gives back unasked."""
    row: Any = package
    ask = _dialog(
        "ask",
        t("Ask for {amount} back", amount=row.back),
        t("Ask for the unused part"),
        _why_form(t("Why?"), t("Send request"), PackageState.ask_back),
    )
    give = _dialog(
        "give",
        t("Give back what is not used"),
        t("Give back"),
        rx.el.form(
            text_field(
                t("Sessions"),
                "sessions",
                default_value=row.remaining.to_string(),
                input_mode="numeric",
                hint=t("All that is left is {amount}.", amount=row.back),
                error=PackageState.errors["sessions"],
            ),
            _choices(t("Give back")),
            on_submit=PackageState.give_back,
            no_validate=True,
            class_name="mt-4 flex flex-col gap-4",
        ),
    )
    decline = _dialog(
        "decline",
        t("Give nothing back"),
        t("Say no"),
        _why_form(t("Why not?"), t("Say no"), PackageState.decline),
    )
    return rx.el.div(
        rx.cond(
            row.coaching,
            rx.el.div(
                give,
                rx.cond(row.asked, decline, rx.fragment()),
                class_name="flex flex-wrap gap-3",
            ),
            rx.cond(row.asked, rx.fragment(), ask),
        ),
        class_name="mt-5",
    )


def _request() -> rx.Component:
    row: Any = package
    return rx.fragment(
        rx.cond(
            row.asked,
            rx.el.p(
                rx.cond(
                    row.coaching,
                    t("Your client asks for the unused part: “{why}”", why=row.asked),
                    t("You asked for the unused part. Your coach will answer."),
                ),
                class_name="mt-5 rounded-control bg-info-soft p-4 text-base",
            ),
            rx.fragment(),
        ),
        rx.cond(
            row.answer,
            rx.el.p(t("Answer: “{note}”", note=row.answer), class_name="mt-5 text-base"),
            rx.fragment(),
        ),
    )


def _head() -> rx.Component:
    row: Any = package
    return card(
        rx.el.div(
            rx.el.p(row.left, class_name="text-2xl font-semibold tabular"),
            badge(row.state, row.tone),
            class_name="flex flex-wrap items-center justify-between gap-3",
        ),
        rx.el.div(
            facts(
                (rx.cond(row.coaching, t("Client"), t("Coach")), row.other),
                (t("Price"), row.price),
                (t("Bought"), row.bought),
                (t("To be used until"), row.until),
                (t("Used"), row.used),
                (t("Not used in time"), row.forfeited),
                (t("Refunded"), row.refunded),
            ),
            class_name="mt-5 border-t border-line pt-5",
        ),
        _request(),
        rx.cond(row.back, _doing(), rx.fragment()),
    )


def _statement() -> rx.Component:
    row: Any = package
    return card(
        rx.el.div(
            rx.el.h2(t("Statement"), class_name="text-base font-semibold"),
            rx.cond(
                row.payment_href,
                link_button(t("Payment"), row.payment_href, kind="ghost", size="sm"),
                rx.fragment(),
            ),
            class_name="flex items-center justify-between gap-3",
        ),
        rx.el.ul(rx.foreach(row.lines, _line), class_name="divide-y divide-line"),
    )


def _waiting() -> rx.Component:
    return card(
        rx.el.p(
            t("We wait for your payment. The sessions are here as soon as it is there."),
            class_name="text-base",
        ),
        rx.el.p(t("A bank can take some days."), class_name="text-sm text-muted"),
    )


def package_page() -> rx.Component:
    row: Any = package
    whole = rx.el.div(
        rx.el.h1(row.name, class_name="text-2xl font-semibold"),
        rx.cond(
            row.paid,
            rx.el.div(_head(), _statement(), class_name="grid gap-4 lg:grid-cols-2 lg:items-start"),
            _waiting(),
        ),
        class_name="flex flex-col gap-5",
    )
    missing = message_page(
        "package",
        t("This package is not here"),
        t("It may belong to somebody else, or the address is not complete."),
        action=link_button(t("All packages"), "/packages"),
    )
    return app_frame(
        rx.el.a(
            icon("arrow-left", 18),
            t("All packages"),
            href="/packages",
            class_name=(
                "inline-flex h-11 items-center gap-2 rounded-control text-sm font-medium "
                "text-muted hover:text-ink"
            ),
        ),
        rx.match(
            PackageState.phase,
            ("here", whole),
            ("missing", missing),
            loading(bone("h-72 rounded-card"), class_name="flex flex-col gap-4"),
        ),
        place="payments",
    )
