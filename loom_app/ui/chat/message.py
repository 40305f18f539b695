"""One message, and one that is on its way."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging.queries import Block, MessageView, ReactionView, Span
from loom_app.ui.chat.files import files_of, waiting_files
from loom_app.ui.chat.message_state import MessageState
from loom_app.ui.chat.propose import proposal_card
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.browser.message_menu import open_menu
from loom_app.ui.design.browser.outbox import outbox_call
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t, tn

_BUBBLE = "min-w-0 rounded-2xl px-3.5 py-2 text-[15px] leading-[22px] break-words overflow-clip"
MINE = f"{_BUBBLE} bg-brand-soft text-ink"
THEIRS = f"{_BUBBLE} bg-surface border border-line text-ink"
_RAIL = "group flex max-w-[min(36rem,92%)] items-center gap-1"


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
        (
            "quote",
            rx.el.blockquote(
                spans, class_name="border-s-2 border-edge ps-3 text-muted", dir="auto"
            ),
        ),
        (
            "li",
            rx.el.div(
                rx.el.span(block.mark, class_name="min-w-4 text-muted", aria_hidden="true"),
                rx.el.span(spans),
                class_name="flex gap-1.5",
                dir="auto",
            ),
        ),
        # an empty line of the writer's stays one
        rx.el.p(spans, class_name="said whitespace-pre-wrap [.said+&]:mt-2.5", dir="auto"),
    )


def status_of(message: Any) -> Any:
    """How far a message has come: "sent", "delivered", "read"; "" for what others said."""
    reached = rx.cond(message.number <= ChatState.delivered_to, "delivered", "sent")
    mine = message.mine & (message.kind != "deleted")
    return rx.cond(mine, rx.cond(message.number <= ChatState.read_to, "read", reached), "")


def _status(status: rx.Var[str]) -> rx.Component:
    """With words for who cannot see the marks."""
    return rx.match(
        status,
        ("read", _mark("check-check", t("Read"), "text-brand")),
        ("delivered", _mark("check-check", t("Delivered"), "")),
        ("sent", _mark("check", t("Sent"), "")),
        rx.fragment(),
    )


def _mark(name: str, words: Any, tint: str) -> rx.Component:
    return rx.el.span(
        icon(name, 14, class_name=tint),
        rx.el.span(words, class_name="sr-only"),
        title=words,
        data_status=name,
    )


def _line(words: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(words, class_name="rounded-full bg-hover px-3 py-1 text-xs text-muted"),
        class_name="flex justify-center py-3",
    )


def _day(label: Any) -> rx.Component:
    return rx.cond(label != "", _line(label), rx.fragment())


def _news() -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="h-px flex-1 bg-brand/40"),
        rx.el.span(t("New messages"), class_name="text-xs font-medium text-brand-ink"),
        rx.el.span(class_name="h-px flex-1 bg-brand/40"),
        class_name="flex items-center gap-3 py-3",
        role="separator",
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
        class_name="my-2 flex justify-center text-center wrap-anywhere",
    )


_QUOTE = "mb-1 block w-full rounded-control border-l-2 border-brand bg-hover/70 px-2.5 py-1.5"


def _quote_words(name: Any, text: Any) -> tuple[rx.Component, ...]:
    return (
        rx.el.span(name, class_name="block text-xs font-semibold text-brand-ink"),
        rx.el.span(text, class_name="line-clamp-2 text-sm text-muted", dir="auto"),
    )


def _quoted(name: Any, text: Any) -> rx.Component:
    return rx.el.div(*_quote_words(name, text), class_name=_QUOTE)


def _quote(message: Any) -> rx.Component:
    """What is answered; a button that leads there."""
    words = _quote_words(message.reply.name, message.reply.text)
    return rx.cond(
        message.reply.text != "",
        rx.cond(
            message.reply.number > 0,
            rx.el.button(
                *words,
                type="button",
                on_click=ChatState.jump(message.reply.number),
                class_name=f"{_QUOTE} text-left hover:bg-hover",
            ),
            rx.el.div(*words, class_name=_QUOTE),
        ),
        rx.fragment(),
    )


def _foot(message: Any, status: rx.Var[str]) -> rx.Component:
    return rx.el.span(
        rx.cond(
            message.replies > 0,
            rx.el.span(tn("{n} reply", "{n} replies", message.replies), class_name="mr-1"),
            rx.fragment(),
        ),
        rx.cond(message.edited, rx.el.span(t("edited")), rx.fragment()),
        rx.el.time(message.time, title=message.sent, class_name="tabular"),
        _status(status),
        class_name="mt-0.5 flex items-center justify-end gap-1 text-xs text-muted",
    )


def _reaction(message_id: Any, reaction: rx.Var[ReactionView]) -> rx.Component:
    return rx.el.button(
        rx.el.span(reaction.emoji, class_name="text-base leading-none"),
        rx.el.span(reaction.count, class_name="text-xs tabular"),
        type="button",
        title=reaction.names,
        aria_label=t("{emoji} by {names}", emoji=reaction.emoji, names=reaction.names),
        aria_pressed=reaction.mine,
        on_click=MessageState.react(message_id, reaction.emoji),
        class_name=(
            "flex h-8 min-w-11 items-center justify-center gap-1 rounded-full border border-line "
            "bg-surface px-2 text-ink hover:bg-hover aria-pressed:border-brand "
            "aria-pressed:bg-brand-soft"
        ),
    )


def _reactions(message: Any) -> rx.Component:
    return rx.cond(
        message.reactions.length() > 0,
        rx.el.div(
            rx.foreach(message.reactions, lambda one: _reaction(message.id, one)),
            class_name=rx.cond(
                message.mine,
                "mt-1 flex flex-wrap justify-end gap-1",
                "mt-1 flex flex-wrap gap-1",
            ),
        ),
        rx.fragment(),
    )


def _more(message: Any) -> rx.Component:
    return rx.el.button(
        icon("ellipsis", 18),
        type="button",
        aria_label=t("Message options"),
        aria_haspopup="menu",
        custom_attrs={"onClick": open_menu(message)},
        class_name=(
            "flex size-11 shrink-0 items-center justify-center rounded-full text-muted opacity-50 "
            "hover:bg-hover hover:opacity-100 focus-visible:opacity-100 group-hover:opacity-100 "
            "md:size-8 md:opacity-0"
        ),
    )


def card_as_of(message: Any) -> Any:
    """Of a proposal: changes with it and with each connection, and then its card asks again."""
    card = message.card.to(dict[str, str])
    now = card["picked"] + card["session"] + ChatState.opened.to_string()
    return rx.cond(message.kind == "proposal", now, "")


def _said(message: Any, status: rx.Var[str], as_of: rx.Var[str]) -> rx.Component:
    inside = rx.cond(
        message.kind == "deleted",
        rx.el.p(
            icon("ban", 14),
            t("Message deleted"),
            class_name="flex items-center gap-1.5 text-sm italic text-muted",
        ),
        rx.fragment(
            rx.cond(
                message.name != "",
                rx.el.p(message.name, class_name="text-xs font-semibold text-brand-ink"),
                rx.fragment(),
            ),
            _quote(message),
            files_of(message),
            rx.cond(
                message.kind == "proposal",
                proposal_card(number=message.id, key=as_of),
                rx.foreach(message.blocks, _block),
            ),
        ),
    )
    return rx.el.div(
        inside,
        _foot(message, status),
        class_name=rx.cond(message.mine, MINE, THEIRS),
        data_bubble="1",
    )


def _spoken(message: Any, said: rx.Component, *, lead: Any) -> rx.Component:
    rail = rx.el.div(
        rx.cond(message.mine, _more(message), rx.fragment()),
        said,
        rx.cond(message.mine, rx.fragment(), _more(message)),
        class_name=_RAIL,
    )
    gap = rx.cond(lead, "mt-3 flex flex-col ", "mt-0.5 flex flex-col ")
    side = rx.cond(message.mine, "items-end", "items-start")
    return rx.el.div(rail, _reactions(message), class_name=gap.to(str) + side.to(str))


@rx.memo
def bubble(
    rest: rx.RestProp,
    *,
    message: rx.Var[MessageView],
    day: rx.Var[str],
    lead: rx.Var[bool],
    news: rx.Var[bool],
    status: rx.Var[str],
    as_of: rx.Var[str],
) -> rx.Component:
    """One of hundreds: it reads no state, so that it is drawn again for its own news alone."""
    said = _said(message, status, as_of)
    return rx.el.li(
        _day(day),
        rx.cond(news, _news(), rx.fragment()),
        rx.cond(message.kind == "system", _system(message), _spoken(message, said, lead=lead)),
        rest,
        class_name="list-none scroll-my-24",
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
    item = item.to(dict[str, Any])
    cid = item["cid"].to(str)
    problem = item["problem"].to(str)
    quote = item["quote"].to(dict[str, str])
    troubled = (problem != "") | item["late"].to(bool)
    state = rx.cond(
        problem != "",
        rx.el.span(problem, class_name="text-bad"),
        rx.cond(item["late"].to(bool), rx.el.span(t("Not sent yet")), rx.el.span(t("Sending"))),
    )
    return rx.el.li(
        rx.el.div(
            rx.cond(quote.to(bool), _quoted(quote["name"], quote["text"]), rx.fragment()),
            waiting_files(item["files"]),
            rx.el.p(item["body"].to(str), class_name="whitespace-pre-wrap", dir="auto"),
            rx.el.span(
                icon("clock", 12),
                state,
                class_name="mt-0.5 flex items-center justify-end gap-1 text-xs text-muted",
            ),
            class_name=f"{MINE} max-w-[min(34rem,85%)] self-end opacity-80",
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
