"""Beside the conversation: who it is with, what was shared, how one keeps it. A column on a wide
screen, above the thread on a smaller one."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging.queries import MemberView, Reachable
from loom_app.ui.chat.card import group_face
from loom_app.ui.chat.files import file_list
from loom_app.ui.chat.panel_state import PanelState
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge
from loom_app.ui.design.browser.beside import Beside
from loom_app.ui.design.browser.local_clock import LocalClock
from loom_app.ui.design.button import button, icon_button, link_button, text_link
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.field import text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.safety.state import BlockState, ReportState
from loom_app.ui.text import t, tn

about = PanelState.about
other = about.other

_ROW = (
    "flex min-h-11 w-full items-center gap-3 rounded-control px-2 text-left text-base text-ink "
    "hover:bg-hover"
)


def panel_button() -> rx.Component:
    """Opens and closes the panel; stands in the head of the thread."""
    return icon_button(
        "panel-right",
        t("About this conversation"),
        on_click=PanelState.toggle,
        aria_expanded=PanelState.opened,
        custom_attrs={"aria-controls": "chat-panel"},
    )


def _part(title: Any, *children: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h3(title, class_name="text-sm font-semibold text-muted"),
        *children,
        class_name="flex flex-col gap-2 border-t border-line py-4",
    )


def _act(icon_name: str, words: Any, event: Any, tint: str = "") -> rx.Component:
    return rx.el.button(
        icon(icon_name, 18), words, type="button", on_click=event, class_name=f"{_ROW} {tint}"
    )


def _switch(icon_name: str, words: Any, on: Any, event: Any) -> rx.Component:
    """A line that is on or off; the whole line is the target."""
    knob = rx.el.span(
        rx.el.span(
            class_name=rx.cond(
                on,
                "block size-4 translate-x-4 rounded-full bg-on-brand transition-transform",
                "block size-4 rounded-full bg-surface transition-transform",
            )
        ),
        class_name=rx.cond(
            on,
            "ml-auto flex h-6 w-10 shrink-0 items-center rounded-full bg-brand px-1",
            "ml-auto flex h-6 w-10 shrink-0 items-center rounded-full bg-edge px-1",
        ),
    )
    return rx.el.button(
        icon(icon_name, 18),
        rx.el.span(words, class_name="min-w-0"),
        knob,
        type="button",
        role="switch",
        aria_checked=on,
        on_click=event,
        class_name=_ROW,
    )


def _person() -> rx.Component:
    return rx.el.div(
        avatar(other.initials, other.hue, other.avatar_url, size="lg"),
        rx.el.div(
            rx.el.p(other.name, class_name="text-lg font-semibold wrap-anywhere", dir="auto"),
            rx.cond(
                other.pronouns != "",
                rx.el.p(other.pronouns, class_name="text-sm text-muted"),
                rx.fragment(),
            ),
            rx.cond(
                other.headline != "",
                rx.el.p(other.headline, class_name="text-sm", dir="auto"),
                rx.fragment(),
            ),
            class_name="flex flex-col gap-0.5",
        ),
        rx.el.p(
            icon("clock", 16),
            LocalClock.create(id="their-clock", zone=other.zone, class_name="tabular"),
            t("their time"),
            class_name="flex items-center gap-1.5 text-sm text-muted",
        ),
        rx.cond(
            other.slug != "",
            link_button(t("Profile"), f"/coaches/{other.slug}", kind="secondary", size="sm"),
            rx.fragment(),
        ),
        class_name="flex flex-col items-center gap-3 pb-5 text-center",
    )


def _next_session() -> rx.Component:
    return _part(
        t("Next session"),
        rx.cond(
            PanelState.next_words != "",
            rx.el.a(
                icon("calendar", 18),
                rx.el.span(PanelState.next_words, class_name="min-w-0"),
                href=PanelState.next_link,
                class_name=f"{_ROW} py-2",
            ),
            rx.el.p(
                t("None is booked."),
                rx.cond(
                    other.slug != "",
                    rx.fragment(" ", text_link(t("Book a session"), f"/book/{other.slug}")),
                    rx.fragment(),
                ),
                class_name="text-sm text-muted",
            ),
        ),
    )


def _bio() -> rx.Component:
    return rx.cond(
        other.bio != "",
        _part(
            t("About {name}", name=other.name),
            rx.el.p(
                other.bio,
                class_name="line-clamp-[8] whitespace-pre-wrap text-sm",
                dir="auto",
            ),
        ),
        rx.fragment(),
    )


def _files() -> rx.Component:
    more = button(t("Show more"), kind="ghost", size="sm", on_click=PanelState.load_files)
    return _part(
        t("Shared files"),
        rx.cond(
            PanelState.files.length() > 0,
            file_list(PanelState.files),
            rx.el.p(t("None yet."), class_name="text-sm text-muted"),
        ),
        rx.cond(PanelState.more_files, more, rx.fragment()),
    )


def _member(member: rx.Var[MemberView]) -> rx.Component:
    options = icon_button(
        "ellipsis-vertical",
        t("Options for {name}", name=member.name),
        on_click=PanelState.choose(member.id),
        class_name="ml-auto",
    )
    return rx.el.li(
        avatar(member.initials, member.hue, member.avatar_url, size="sm"),
        rx.el.span(
            rx.cond(member.mine, t("You"), member.name),
            class_name="min-w-0 truncate text-base",
            dir="auto",
        ),
        rx.cond(member.owner, badge(t("Owner"), "brand"), rx.fragment()),
        rx.cond(member.mine, rx.fragment(), options),
        key=member.id,
        class_name="flex min-h-11 items-center gap-3",
    )


def _member_menu() -> rx.Component:
    """What to do about one of the group."""
    one = PanelState.chosen
    owners = rx.fragment(
        _act("crown", t("Make the owner"), PanelState.hand_over(one.id)),
        _act("user-minus", t("Remove from the group"), PanelState.remove(one.id)),
    )
    return dialog(
        one.name,
        rx.el.div(
            rx.cond(about.owning, owners, rx.fragment()),
            _act("flag", t("Report"), [PanelState.choose(0), ReportState.about_person(one.id)]),
            _act("ban", t("Block"), [PanelState.choose(0), BlockState.ask(one.id, one.name)]),
            class_name="-mx-2 mt-3 flex flex-col",
        ),
        opened=one.id > 0,
        on_open_change=PanelState.choose(0),
    )


def _addable(person: rx.Var[Reachable]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            avatar(person.initials, person.hue, person.avatar_url, size="sm"),
            rx.el.span(person.name, class_name="truncate"),
            type="button",
            on_click=PanelState.add(person.id),
            class_name=_ROW,
        ),
        key=person.id,
    )


def _group() -> rx.Component:
    count = about.members.length()
    return rx.fragment(
        rx.el.div(
            group_face(about.hue, "size-16"),
            rx.el.p(
                about.title, class_name="w-full text-lg font-semibold wrap-anywhere", dir="auto"
            ),
            rx.el.p(tn("{n} person", "{n} people", count), class_name="text-sm text-muted"),
            class_name="flex flex-col items-center gap-2 pb-5 text-center",
        ),
        _part(
            t("Members"),
            rx.el.ul(rx.foreach(about.members, _member), class_name="flex flex-col"),
            _member_menu(),
            rx.cond(
                about.owning,
                dialog(
                    t("Add people"),
                    rx.cond(
                        PanelState.people.length() > 0,
                        rx.el.ul(rx.foreach(PanelState.people, _addable), class_name="mt-2"),
                        rx.el.p(t("All of your clients are in this group."), class_name="mt-2"),
                    ),
                    text=t("They see what is said from now on."),
                    trigger=button(
                        t("Add people"), kind="secondary", size="sm", icon_name="user-plus"
                    ),
                    opened=PanelState.adding,
                    on_open_change=PanelState.show_adding,
                ),
                rx.fragment(),
            ),
        ),
        rx.cond(about.owning, _name_form(), rx.fragment()),
    )


def _name_form() -> rx.Component:
    return _part(
        t("Name"),
        rx.el.form(
            text_field(
                t("Name of the group"),
                "title",
                default_value=about.title,
                max_length=80,
                error=PanelState.errors.get("title", ""),
            ),
            rx.el.div(button(t("Rename"), kind="secondary", size="sm", type="submit")),
            on_submit=PanelState.rename,
            no_validate=True,
            key=about.title,
            class_name="flex flex-col gap-3",
        ),
    )


def _settings() -> rx.Component:
    return _part(
        t("Settings"),
        _switch("pin", t("Pinned to the top"), about.pinned, PanelState.set_pinned(~about.pinned)),
        _switch("archive", t("Archived"), about.archived, PanelState.set_archived(~about.archived)),
        _switch(
            "check-check",
            t("Show when I have read"),
            about.receipts,
            PanelState.set_receipts(~about.receipts),
        ),
        rx.cond(
            about.muted,
            _act("bell", t("Muted. Hear of new messages again"), PanelState.mute("off")),
            rx.fragment(
                _act("bell-off", t("Mute for an hour"), PanelState.mute("hour")),
                _act("bell-off", t("Mute until tomorrow"), PanelState.mute("tomorrow")),
                _act("bell-off", t("Mute for good"), PanelState.mute("always")),
            ),
        ),
    )


def _safety() -> rx.Component:
    return _part(
        t("Safety"),
        _act("flag", t("Report"), ReportState.about_person(other.id)),
        rx.cond(
            about.blocked,
            _act("ban", t("Unblock"), PanelState.unblock),
            _act("ban", t("Block"), BlockState.ask(other.id, other.name), "text-bad"),
        ),
    )


def _leave() -> rx.Component:
    return _part(
        t("Leave"),
        dialog(
            t("Leave this group?"),
            text=t("You no longer see what is said in it. Somebody can add you again."),
            trigger=rx.el.button(
                icon("log-out", 18),
                t("Leave the group"),
                type="button",
                class_name=f"{_ROW} text-bad",
            ),
            actions=(
                dialog_close(button(t("Stay"), kind="secondary")),
                button(t("Leave"), kind="danger", on_click=PanelState.leave),
            ),
            opened=PanelState.leaving,
            on_open_change=PanelState.ask_to_leave,
            alert=True,
        ),
    )


def panel() -> rx.Component:
    """Nothing while it is closed."""
    head = rx.el.div(
        rx.el.h2(t("About"), class_name="text-base font-semibold"),
        icon_button("x", t("Close"), on_click=PanelState.toggle),
        class_name="flex h-16 shrink-0 items-center justify-between border-b border-line px-4",
    )
    whole = rx.cond(
        about.kind == "pair",
        rx.fragment(_person(), _next_session(), _bio(), _files(), _settings(), _safety()),
        rx.fragment(_group(), _files(), _settings(), _leave()),
    )
    beside = Beside.create(
        opened=PanelState.opened, inside="chat-panel", on_escape=PanelState.toggle, hidden=True
    )
    shown = rx.cond(
        PanelState.opened,
        rx.el.aside(
            head,
            rx.el.div(
                rx.cond(about.id > 0, whole, skeleton_lines(6)),
                class_name="flex-1 overflow-y-auto px-4 py-5",
            ),
            id="chat-panel",
            aria_label=t("About this conversation"),
            class_name=(
                "fixed inset-0 z-30 flex flex-col bg-canvas md:left-auto md:w-80 md:border-l "
                "md:border-line md:shadow-float xl:static xl:z-auto xl:shrink-0 xl:shadow-none"
            ),
        ),
        rx.fragment(),
    )
    return rx.fragment(shown, beside)
