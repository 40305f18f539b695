"""`/staff/roles`: who is of staff, and what that allows."""

from typing import Any

import reflex as rx

from loom_app.domains.accounts.queries import StaffMemberView
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, icon_button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.field import checkbox, text_field
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.roles_state import Box, InvitedRow, RoleRow, RolesState
from loom_app.ui.text import t

state = RolesState


def _member(item: rx.Var[StaffMemberView], role: Any) -> rx.Component:
    one: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.name, class_name="truncate text-base", dir="auto"),
            rx.el.p(one.email, class_name="truncate text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(
            role.within,
            icon_button(
                "x",
                t("Take the role {role} from {name}", role=role.name, name=one.name),
                on_click=state.take(role.id, one.id),
            ),
            rx.fragment(),
        ),
        key=one.id,
        class_name="flex min-h-12 items-center gap-3",
    )


def _invited(item: rx.Var[InvitedRow], role: Any) -> rx.Component:
    one: Any = item
    return rx.el.li(
        rx.el.p(one.email, class_name="min-w-0 flex-1 truncate text-base"),
        badge(t("Invited"), tone="info"),
        rx.cond(
            role.within,
            icon_button(
                "x",
                t("Withdraw the invitation of {email}", email=one.email),
                on_click=state.uninvite(one.id),
            ),
            rx.fragment(),
        ),
        key=one.id,
        class_name="flex min-h-12 items-center gap-3",
    )


def _appoint(role: Any) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="role_id", value=role.id.to_string(), read_only=True),
        rx.el.div(
            text_field(
                t("Email"),
                "email",
                field_id=f"field-email-{role.id}",
                type="email",
                auto_complete="off",
                hint=t("Who has no account yet gets an invitation by mail."),
                error=state.errors[f"email{role.id}"],
            ),
            class_name="min-w-0 flex-1",
        ),
        button(t("Appoint"), kind="secondary", type="submit", class_name="sm:mt-6.5"),
        on_submit=state.give,
        reset_on_submit=True,
        no_validate=True,
        class_name="mt-3 flex flex-col gap-3 sm:flex-row sm:items-start",
    )


def _role(item: rx.Var[RoleRow]) -> rx.Component:
    role: Any = item
    return rx.el.li(
        card(
            rx.el.div(
                rx.el.h2(role.name, class_name="min-w-0 truncate text-lg font-semibold"),
                rx.cond(role.owner, badge(t("Cannot be changed")), rx.fragment()),
                rx.el.div(class_name="flex-1"),
                rx.cond(
                    role.within & ~role.owner,
                    rx.el.div(
                        button(
                            t("Edit"),
                            kind="secondary",
                            size="sm",
                            aria_label=t("Edit {name}", name=role.name),
                            on_click=state.edit(role.id),
                        ),
                        button(
                            t("Remove"),
                            kind="ghost",
                            size="sm",
                            aria_label=t("Remove {name}", name=role.name),
                            on_click=state.ask_drop(role.id),
                        ),
                        class_name="flex gap-2",
                    ),
                    rx.fragment(),
                ),
                class_name="flex min-h-9 flex-wrap items-center gap-3",
            ),
            rx.el.p(role.titles, class_name="mt-1 text-base text-muted"),
            rx.cond(
                role.members.length() > 0,
                rx.el.ul(
                    rx.foreach(role.members, lambda one: _member(one, role)),
                    class_name="mt-3 divide-y divide-line",
                ),
                rx.el.p(t("Nobody has it."), class_name="mt-3 text-base"),
            ),
            rx.cond(
                role.invited.length() > 0,
                rx.el.ul(
                    rx.foreach(role.invited, lambda one: _invited(one, role)),
                    class_name="mt-3 divide-y divide-line",
                ),
                rx.fragment(),
            ),
            rx.cond(role.within, _appoint(role), rx.fragment()),
        ),
        key=role.id,
    )


def _box(item: rx.Var[Box]) -> rx.Component:
    box: Any = item
    return checkbox(
        box.title,
        box.name,
        hint=box.words,
        field_id=f"may-{box.name}",
        default_checked=box.ticked,
        disabled=~box.mine,
    )


def _editor() -> rx.Component:
    return dialog(
        rx.cond(state.editing > 0, t("Change the role"), t("New role")),
        rx.el.form(
            text_field(
                t("Name"),
                "name",
                default_value=state.name,
                error=state.errors["name"],
                max_length=60,
                auto_complete="off",
            ),
            rx.el.fieldset(
                rx.el.legend(t("It allows to"), class_name="text-sm font-medium"),
                rx.foreach(state.boxes, _box),
                class_name="mt-5",
            ),
            rx.cond(
                state.errors["permissions"],
                rx.el.p(state.errors["permissions"], class_name="text-sm text-bad", role="alert"),
                rx.fragment(),
            ),
            rx.el.div(
                dialog_close(button(t("Cancel"), kind="secondary")),
                button(t("Save role"), type="submit", busy=state.working),
                class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
            ),
            on_submit=state.save,
            no_validate=True,
            key=state.editing,
            class_name="mt-4",
        ),
        text=t("What you may not do yourself you cannot give."),
        opened=state.editing >= 0,
        on_open_change=state.close,
    )


def _question() -> rx.Component:
    return dialog(
        t("Remove this role?"),
        text=t("Its people lose what it allows at once. Their other roles stay."),
        actions=(
            dialog_close(button(t("Keep it"), kind="secondary")),
            button(t("Remove"), kind="danger", on_click=state.drop),
        ),
        opened=state.dropping > 0,
        on_open_change=state.ask_drop(0),
        alert=True,
    )


def roles_page() -> rx.Component:
    return staff_frame(
        "people.roles",
        page_heading(
            t("Staff roles"),
            t("A role is a set of permissions. Who has several may do what any says."),
            button(t("New role"), icon_name="plus", on_click=state.edit(0)),
        ),
        rx.cond(
            state.loaded,
            rx.el.ul(rx.foreach(state.rows, _role), class_name="flex max-w-[48rem] flex-col gap-4"),
            card(skeleton_rows(3)),
        ),
        _editor(),
        _question(),
    )
