"""`/earnings/account`: where money goes, what is missing for it, and when it goes."""

from typing import Any

import reflex as rx
from babel import Locale

from loom_app.kit.settings import settings
from loom_app.ui.design.badge import badge
from loom_app.ui.design.browser.leave import leave_for
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.field import select_field, text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.earnings.account_state import AccountState, MissingRow
from loom_app.ui.earnings.parts import frame, read
from loom_app.ui.text import t

# where Stripe pays people out by this way (Accounts v2 as recipients)
COUNTRIES = (
    "AT AU BE BG CA CH CY CZ DE DK EE ES FI FR GB GR HK HR HU IE IT JP LI LT LU LV MT MX NL NO NZ"
    " PL PT RO SE SG SI SK US"
)


def _countries() -> list[tuple[str, str]]:
    names = Locale("en").territories
    return sorted(((code, names[code]) for code in COUNTRIES.split()), key=lambda pair: pair[1])


def _begin() -> rx.Component:
    errors = AccountState.errors
    return card(
        rx.el.h2(t("Set up your payout account"), class_name="text-lg font-semibold"),
        rx.el.p(
            t(
                "Loom pays you through Stripe. It asks who you are and which bank account is yours;"
                " Loom never sees either. You can leave and come back at any time."
            ),
            class_name="mt-2 text-base text-muted",
        ),
        rx.el.form(
            select_field(
                t("Country you live in"),
                "country",
                _countries(),
                default_value=AccountState.country,
                error=errors.get("country", ""),
            ),
            select_field(
                t("Currency of your bank account"),
                "currency",
                [(code, code) for code in settings().settled],
                default_value=AccountState.currency,
                hint=t("You sell in the same currency, so that nothing is lost in exchange."),
                error=errors.get("currency", ""),
            ),
            rx.el.div(
                button(
                    t("Continue to Stripe"),
                    type="submit",
                    icon_after="arrow-right",
                    busy=AccountState.working,
                )
            ),
            on_submit=AccountState.begin,
            key=AccountState.currency,
            class_name="mt-5 flex flex-col gap-5",
        ),
        leave_for(AccountState.leave_for),
        class_name="max-w-[34rem] p-5 md:p-6",
    )


def _missing(item: rx.Var[MissingRow]) -> rx.Component:
    one: Any = item
    return rx.el.li(
        rx.cond(
            one.urgent,
            icon("circle-alert", 18, class_name="mt-0.5 shrink-0 text-bad"),
            icon("circle", 18, class_name="mt-0.5 shrink-0 text-muted"),
        ),
        rx.el.div(
            rx.el.p(one.words, class_name="text-base"),
            rx.cond(one.note, rx.el.p(one.note, class_name="text-sm text-muted"), rx.fragment()),
        ),
        class_name="flex gap-3",
    )


def _status() -> rx.Component:
    """How far it is, and the one thing to do next."""
    status = AccountState.status
    word = rx.match(
        status,
        ("active", badge(t("Ready"), "good", "check")),
        ("pending", badge(t("Being checked"), "info")),
        ("restricted", badge(t("Needs you"), "bad")),
        ("closed", badge(t("Closed"), "plain")),
        badge(t("Not complete"), "warn"),
    )
    go_on = link_button(
        t("Continue at Stripe"),
        "/earnings/onboarding",
        icon_after="arrow-right",
        custom_attrs={"reloadDocument": True},
    )
    look = link_button(
        t("Open your Stripe page"),
        "/earnings/stripe",
        kind="secondary",
        icon_after="external-link",
        custom_attrs={"reloadDocument": True},
    )
    return card(
        rx.el.div(
            rx.el.h2(t("Payout account"), class_name="text-lg font-semibold"),
            rx.el.span(word),
            class_name="flex items-center justify-between gap-4",
        ),
        rx.el.p(
            rx.cond(
                AccountState.note,
                AccountState.note,
                t("Your paid offerings can be booked, and you can be paid."),
            ),
            class_name="mt-2 text-base text-muted",
        ),
        rx.cond(
            AccountState.missing.length() > 0,
            rx.el.div(
                rx.el.h3(t("What is missing"), class_name="text-sm font-semibold"),
                rx.el.ul(
                    rx.foreach(AccountState.missing, _missing), class_name="flex flex-col gap-3"
                ),
                class_name="mt-5 flex flex-col gap-3 border-t border-line pt-5",
            ),
            rx.fragment(),
        ),
        rx.el.div(
            rx.match(
                status,
                ("active", look),
                ("pending", rx.fragment()),
                ("closed", rx.fragment()),
                go_on,
            ),
            class_name="mt-5 empty:hidden",
        ),
        class_name="max-w-[34rem] p-5 md:p-6",
    )


def _schedule() -> rx.Component:
    errors, chosen = AccountState.errors, AccountState.interval
    words = {
        "daily": t("Daily"),
        "weekly": t("Weekly"),
        "monthly": t("Monthly"),
        "manual": t("Only when I ask"),
    }
    days = [t("Monday"), t("Tuesday"), t("Wednesday"), t("Thursday"), t("Friday")]
    weekdays = [
        (str(number), day) for number, day in enumerate([*days, t("Saturday"), t("Sunday")])
    ]
    weekday = select_field(
        t("On"),
        "weekday",
        weekdays,
        default_value=AccountState.weekday,
        error=errors.get("anchor", ""),
    )
    day = select_field(
        t("On day"),
        "day",
        [(str(number), str(number)) for number in range(1, 32)],
        default_value=AccountState.day,
        hint=t("In shorter months, the last day."),
        error=errors.get("anchor", ""),
    )
    return card(
        rx.el.h2(t("When you are paid"), class_name="text-lg font-semibold"),
        rx.el.form(
            select_field(
                t("How often"),
                "interval",
                list(words.items()),
                value=chosen,
                on_change=AccountState.choose,
                error=errors.get("interval", ""),
            ),
            rx.el.div(weekday, class_name=rx.cond(chosen == "weekly", "", "hidden")),
            rx.el.div(day, class_name=rx.cond(chosen == "monthly", "", "hidden")),
            text_field(
                t("From this amount on, {currency}", currency=AccountState.currency),
                "minimum",
                default_value=AccountState.minimum,
                input_mode="decimal",
                hint=t("Less than this waits for the next payout."),
                error=errors.get("minimum", ""),
            ),
            rx.el.div(button(t("Save schedule"), type="submit", kind="secondary")),
            on_submit=AccountState.save,
            no_validate=True,
            key=AccountState.form_key,
            class_name="mt-5 flex flex-col gap-5",
        ),
        class_name="max-w-[34rem] p-5 md:p-6",
    )


def account_page() -> rx.Component:
    known = rx.fragment(_status(), _schedule())
    return frame(
        "account",
        read(
            AccountState,
            rx.match(AccountState.status, ("", _begin()), ("new", _begin()), known),
            card(skeleton_lines(5)),
        ),
    )
