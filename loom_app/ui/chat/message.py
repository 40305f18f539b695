"""One message, and one that is on its way."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging.queries import Block, MessageView, Span
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.browser.outbox import outbox_call
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t

_BUBBLE = "max-w-[min(34rem,85%)] rounded-2xl px-3.5 py-2 text-[15px] leading-[22px] break-words"
MINE = f"{_BUBBLE} self-end bg-brand-soft text-ink"
THEIRS = f"{_BUBBLE} self-start bg-surface border border-line text-ink"


def _span(span: rx.Var[Span]) -> rx.Component:
    return rx.match(
        span.kind,
        ("strong", rx.el.strong(span.text, class_name="font-semibold")),
        ("em", rx.el.em(span.text)),
        ("code", rx.el.code(span.text, class_name="rounded bg-hover px-1 font-mono text-[13px]")),
        (
            "link",
            rx.el.a(
                span.text,
                href=span.href,
                target="_blank",
                rel="noopener noreferrer nofollow",
                class_name="text-brand-ink underline underline-offset-2 break-all",
            ),
        ),
        ("break", rx.el.br()),
        rx.el.span(span.text),
    )


def _block(block: rx.Var[Block]) -> rx.Component:
    spans = rx.foreach(block.spans, _span)
    return rx.match(
        block.kind,
        (
            "code",
            rx.el.pre(
                rx.el.code(spans),
                class_name="overflow-x-auto rounded-control bg-hover p-2 font-mono text-[13px]",
                tab_index=0,
            ),
        ),
        ("quote", rx.el.blockquote(spans, class_name="border-l-2 border-edge pl-3 text-muted")),
        (
            "li",
            rx.el.div(
                rx.el.span(block.mark, class_name="min-w-4 text-muted", aria_hidden="true"),
                rx.el.span(spans),
                class_name="flex gap-1.5",
            ),
        ),
        rx.el.p(spans, class_name="whitespace-pre-wrap", dir="auto"),
    )


def _status(message: Any) -> rx.Component:
    """Sent or read, with words for who cannot see the marks."""
    return rx.cond(
        message.number <= ChatState.other_read,
        rx.el.span(
            icon("check-check", 14, class_name="text-brand"),
            rx.el.span(t("Read"), class_name="sr-only"),
        ),
        rx.el.span(icon("check", 14), rx.el.span(t("Sent"), class_name="sr-only")),
    )


def _day(label: Any) -> rx.Component:
    return rx.cond(
        label != "",
        rx.el.div(
            rx.el.span(label, class_name="rounded-full bg-hover px-3 py-1 text-xs text-muted"),
            class_name="flex justify-center py-3",
        ),
        rx.fragment(),
    )


def _system(message: Any) -> rx.Component:
    words = rx.foreach(message.blocks, _block)
    return rx.el.div(
        rx.cond(
            message.link != "",
            rx.el.a(
                icon("calendar-check", 16),
                rx.el.span(words),
                href=message.link,
                class_name=(
                    "inline-flex min-h-11 items-center gap-2 rounded-full border border-line "
                    "bg-surface px-4 py-1.5 text-sm text-ink hover:bg-hover"
                ),
            ),
            rx.el.div(words, class_name="px-4 py-1.5 text-sm text-muted"),
        ),
        class_name="my-2 flex justify-center text-center",
    )


def _said(message: Any) -> rx.Component:
    foot = rx.el.span(
        rx.el.time(message.time, title=message.sent, class_name="tabular"),
        rx.cond(message.mine, _status(message), rx.fragment()),
        class_name="mt-0.5 flex items-center justify-end gap-1 text-xs text-muted",
    )
    return rx.el.div(
        rx.foreach(message.blocks, _block),
        foot,
        class_name=rx.cond(message.mine, MINE, THEIRS),
    )


@rx.memo
def bubble(rest: rx.RestProp, *, message: rx.Var[MessageView]) -> rx.Component:
    return rx.el.li(
        _day(message.day),
        rx.cond(
            message.kind == "system",
            _system(message),
            rx.el.div(
                _said(message),
                class_name=rx.cond(message.lead, "mt-3 flex flex-col", "mt-0.5 flex flex-col"),
            ),
        ),
        rest,
        class_name="list-none",
    )


def _small(words: str, icon_name: str, action: rx.Var) -> rx.Component:
    return rx.el.button(
        icon(icon_name, 14),
        rx.el.span(words),
        type="button",
        custom_attrs={"onClick": action},
        class_name=(
            "inline-flex min-h-11 items-center gap-1 rounded-control px-2 text-sm font-medium "
            "text-ink hover:bg-hover"
        ),
    )


def waiting(item: Any) -> rx.Component:
    """A message that the server does not have yet: sending, late, or refused in words."""
    item = item.to(dict[str, str])
    cid = item["cid"].to(str)
    problem = item["problem"].to(str)
    troubled = (problem != "") | item["late"].to(bool)
    state = rx.cond(
        problem != "",
        rx.el.span(problem, class_name="text-bad"),
        rx.cond(item["late"].to(bool), rx.el.span(t("Not sent yet")), rx.el.span(t("Sending"))),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.p(item["body"], class_name="whitespace-pre-wrap", dir="auto"),
            rx.el.span(
                icon("clock", 12),
                state,
                class_name="mt-0.5 flex items-center justify-end gap-1 text-xs text-muted",
            ),
            class_name=f"{MINE} opacity-80",
        ),
        rx.cond(
            troubled,
            rx.el.div(
                _small(t("Send again"), "rotate-cw", outbox_call("retry", cid)),
                _small(t("Drop"), "x", outbox_call("drop", cid)),
                class_name="flex justify-end",
            ),
            rx.fragment(),
        ),
        key=cid,
        class_name="mt-0.5 flex list-none flex-col",
    )
