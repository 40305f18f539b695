"""`/offerings/new` and `/offerings/<id>`: one offering, its limits, and what clients are asked."""

from typing import Any

import reflex as rx

from loom_app.ui.design.alert import alert
from loom_app.ui.design.button import button, icon_button, link_button, text_link
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.field import checkbox, select_field, text_area, text_field
from loom_app.ui.design.shelf import archiving, back_link, editor_end
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.earnings.parts import banner
from loom_app.ui.offerings.form import QuestionRow
from loom_app.ui.offerings.state import OfferingState, RoomChoice
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t

offering = OfferingState.offering
errors = OfferingState.errors


def _number(label: Any, name: str, value: Any, **more: Any) -> rx.Component:
    return text_field(
        label,
        name,
        default_value=value,
        error=errors[name],
        input_mode="decimal",
        auto_complete="off",
        **more,
    )


def _basics() -> rx.Component:
    return card(
        text_field(
            t("Name"), "name", default_value=offering.name, error=errors["name"], max_length=80
        ),
        text_area(
            t("What happens in it"),
            "description",
            default_value=offering.description,
            error=errors["description"],
            optional=True,
            max_length=2000,
        ),
        _number(
            t("Minutes"),
            "duration_minutes",
            offering.duration,
            on_change=OfferingState.weigh_minutes.debounce(250),
        ),
        banner(OfferingState.currency_note),
        rx.el.div(
            _number(
                t("Price"),
                "price_minor",
                offering.price,
                hint=rx.cond(
                    OfferingState.price_note,
                    OfferingState.price_note,
                    t("0 is free. Empty: the price of your profile."),
                ),
                on_change=OfferingState.weigh.debounce(250),
            ),
            select_field(
                t("Currency"),
                "currency",
                OfferingState.currencies,
                default_value=offering.currency,
                on_change=OfferingState.weigh_in,
                error=errors["currency"],
            ),
            class_name="grid gap-4 sm:grid-cols-[1fr_8rem]",
        ),
        checkbox(
            t("A free first session"),
            "intro",
            hint=t("Once for each client, before any other session with you. The price is 0."),
            default_checked=offering.intro,
        ),
        select_field(
            t("Where you meet"),
            "place",
            [("video", t("Video call")), ("phone", t("Phone call")), ("in_person", t("In person"))],
            default_value=offering.place,
            on_change=OfferingState.choose_place,
            error=errors["place"],
        ),
        _met_at(),
        class_name="flex flex-col gap-5 p-5 md:p-6",
    )


def _room(item: rx.Var[RoomChoice]) -> rx.Component:
    row: Any = item
    name: Any = f"room-{row.id}"
    return rx.el.li(
        checkbox(row.name, name, hint=row.facts, field_id=name, default_checked=row.chosen),
        key=row.id,
    )


def _rooms_there() -> rx.Component:
    return rx.el.div(
        checkbox(
            t("It needs a room"),
            "needs_room",
            hint=t("When somebody books, one is taken that is free and holds all of you."),
            default_checked=offering.needs_room,
        ),
        rx.el.fieldset(
            rx.el.legend(t("Only in these rooms"), class_name="text-sm font-medium"),
            rx.el.p(t("None ticked: in any."), class_name="text-sm text-muted"),
            rx.el.ul(rx.foreach(OfferingState.rooms, _room), class_name="mt-1 flex flex-col"),
        ),
        alert(errors["rooms"]),
        class_name="flex flex-col gap-3",
    )


def _met_at() -> rx.Component:
    """In person: a place with its hours and rooms, or an address in words."""
    return rx.el.div(
        select_field(
            t("Place"),
            "place_id",
            OfferingState.sites,
            default_value=offering.site,
            on_change=OfferingState.choose_site,
            error=errors["place_id"],
        ),
        rx.el.div(
            text_field(
                t("Address"),
                "address",
                default_value=offering.address,
                error=errors["address"],
                max_length=300,
            ),
            rx.el.p(
                t("With a place, its opening hours and rooms count, too."),
                " ",
                text_link(t("Your places"), "/places"),
                class_name="text-sm text-muted",
            ),
            class_name=rx.cond(OfferingState.site == "", "flex flex-col gap-3", "hidden"),
        ),
        rx.cond(OfferingState.rooms.length() > 0, _rooms_there(), rx.fragment()),
        class_name=rx.cond(OfferingState.place == "in_person", "flex flex-col gap-5", "hidden"),
    )


def _group(title: Any, note: Any, *children: Any) -> rx.Component:
    return card(
        rx.el.div(
            rx.el.h2(title, class_name="text-base font-semibold"),
            rx.el.p(note, class_name="text-sm text-muted"),
        ),
        *children,
        class_name="flex flex-col gap-5 p-5 md:p-6",
    )


def _times() -> rx.Component:
    return _group(
        t("When it can be booked"),
        t("Within your hours, and never over something else."),
        rx.el.div(
            _number(t("Minutes free before"), "buffer_before", offering.buffer_before),
            _number(t("Minutes free after"), "buffer_after", offering.buffer_after),
            _number(t("Notice in hours"), "notice_minutes", offering.notice_hours),
            _number(t("Days ahead"), "window_days", offering.window_days),
            _number(
                t("A start every … minutes"),
                "slot_interval",
                offering.slot_interval,
                hint=t("Empty: as long as it lasts."),
                optional=True,
            ),
            _number(t("At most a day"), "per_day", offering.per_day, optional=True),
            _number(t("At most a week"), "per_week", offering.per_week, optional=True),
            class_name="grid gap-5 sm:grid-cols-2",
        ),
    )


def _people() -> rx.Component:
    return _group(
        t("How many come"),
        t("Several clients at one time are a group: each books and pays a seat of their own."),
        rx.el.div(
            _number(t("Seats"), "capacity", offering.capacity),
            _number(
                t("Takes place from"),
                "min_seats",
                offering.min_seats,
                hint=t("With fewer seats booked it is called off and everybody is refunded."),
            ),
            _number(
                t("Decided so many hours ahead"),
                "decide_hours",
                offering.decide_hours,
                hint=t("Only where more than one has to come."),
            ),
            class_name="grid gap-5 sm:grid-cols-2",
        ),
    )


def _terms() -> rx.Component:
    """The deposit and what follows it, and the fee for not coming."""
    parted = OfferingState.deposit_kind != ""
    return _group(
        t("What is paid when"),
        t("A deposit holds the time. Nobody pays more than the price."),
        select_field(
            t("Deposit"),
            "deposit_kind",
            [
                ("", t("None: all of it when booking")),
                ("percent", t("A part of the price, in percent")),
                ("amount", t("An amount")),
            ],
            default_value=offering.deposit_kind,
            on_change=OfferingState.choose_deposit,
        ),
        rx.el.div(
            _number(
                rx.cond(OfferingState.deposit_kind == "amount", t("Amount"), t("Percent")),
                "deposit",
                offering.deposit,
            ),
            select_field(
                t("The rest"),
                "rest",
                [
                    ("before", t("By card, before it")),
                    ("in_person", t("In person, on the day")),
                ],
                default_value=offering.rest,
                error=errors["rest"],
            ),
            class_name=rx.cond(parted, "grid gap-5 sm:grid-cols-2", "hidden"),
        ),
        _number(
            t("Fee if the client does not come"),
            "no_show_fee_minor",
            offering.no_show_fee,
            hint=t("Held on the card a day before, let go when they come. For free sessions, and"
                   " where the rest is paid in person."),
            optional=True,
        ),
    )  # fmt: skip


def _question(item: rx.Var[QuestionRow]) -> rx.Component:
    row: Any = item
    name: Any = row.key

    def named(part: str) -> Any:
        return name + f"-{part}"

    return rx.el.li(
        rx.el.div(
            text_field(
                t("Question"),
                named("label"),
                field_id=named("label"),
                default_value=row.label,
                max_length=200,
            ),
            class_name="min-w-0 flex-1",
        ),
        icon_button(
            "trash-2",
            t("Remove this question"),
            on_click=OfferingState.drop_question(row.key),
            class_name="mt-6",
        ),
        rx.el.div(
            select_field(
                t("Answer"),
                named("kind"),
                [("short", t("A line")), ("long", t("Some lines")), ("choice", t("One of a list"))],
                field_id=named("kind"),
                default_value=row.kind,
            ),
            text_area(
                t("List, one a line"),
                named("choices"),
                field_id=named("choices"),
                default_value=row.choices,
                optional=True,
                rows="2",
            ),
            class_name="grid w-full gap-4 sm:grid-cols-2",
        ),
        checkbox(
            t("Has to be answered"),
            named("required"),
            field_id=named("required"),
            default_checked=row.required,
        ),
        key=row.key,
        class_name="flex flex-wrap gap-x-2 gap-y-3 border-t border-line pt-4",
    )


def _questions() -> rx.Component:
    return _group(
        t("What you would like to know before"),
        t("Clients answer when they book."),
        rx.cond(
            errors["questions"],
            rx.el.p(errors["questions"], role="alert", class_name="text-sm text-bad"),
            rx.fragment(),
        ),
        rx.el.ul(rx.foreach(OfferingState.questions, _question), class_name="flex flex-col gap-4"),
        rx.cond(
            OfferingState.questions.length() < 10,
            button(
                t("Add a question"),
                kind="secondary",
                icon_name="plus",
                on_click=OfferingState.add_question,
                class_name="self-start",
            ),
            rx.fragment(),
        ),
    )


def _archive() -> rx.Component:
    return archiving(
        t("Archive this offering?"),
        t("Nobody can book it any more. Booked sessions stay, and you can bring it back."),
        OfferingState.archive,
        opened=OfferingState.asking,
        ask=OfferingState.ask,
    )


def _form() -> rx.Component:
    return rx.el.form(
        _basics(),
        _terms(),
        _people(),
        _times(),
        _questions(),
        editor_end(
            t("Save offering"),
            "/offerings",
            rx.cond((offering.id > 0) & ~offering.archived, _archive(), rx.fragment()),
            busy=OfferingState.working,
            errors=OfferingState.errors,
        ),
        on_submit=OfferingState.save,
        no_validate=True,
        key=OfferingState.form_key,
        class_name="flex max-w-[40rem] flex-col gap-4",
    )


def offering_page() -> rx.Component:
    missing = message_page(
        "layers",
        t("This offering is not here"),
        t("It may belong to somebody else, or the address is not complete."),
        action=link_button(t("All your offerings"), "/offerings"),
    )
    return app_frame(
        back_link(t("Offerings"), "/offerings"),
        page_heading(rx.cond(offering.id > 0, offering.name, t("New offering"))),
        rx.match(
            OfferingState.phase,
            ("here", _form()),
            ("missing", missing),
            card(skeleton_lines(8)),
        ),
        place="offerings",
    )
