"""Files of a message: pictures and the lightbox, sound, voice notes, papers, all else to save."""

from typing import Any

import reflex as rx
from reflex_components_radix.primitives.dialog import dialog as radix

from loom_app.domains.messaging.queries import FileView
from loom_app.ui.design.browser.lightbox import (
    ArrowKeys,
    closed,
    looking,
    show_pictures,
    turn_pictures,
)
from loom_app.ui.design.browser.player import Player
from loom_app.ui.design.browser.uploads import brought, counted, only
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t, tn

_ROUND = (
    "flex size-11 shrink-0 items-center justify-center rounded-full bg-brand text-on-brand "
    "hover:bg-brand-strong"
)


def _outside() -> dict[str, Any]:
    """For links that lead to no page of ours; a new one each time, for Reflex writes into it."""
    return {"reloadDocument": True}


def files_of(message: Any) -> rx.Component:
    """All files of a message, in the order of their kinds: what is seen, heard, then saved."""
    return rx.cond(message.files.length() > 0, file_list(message.files), rx.fragment())


def waiting_files(ids: rx.Var) -> rx.Component:
    """Those of a message that this browser still has to send; their number after a reload."""
    known = brought(ids).to(list[FileView])
    count = counted(ids)
    return rx.cond(
        known.length() > 0,
        file_list(known),
        rx.cond(
            count > 0,
            rx.el.p(
                icon("paperclip", 16),
                tn("{n} file", "{n} files", count),
                class_name="flex items-center gap-2 text-sm text-muted",
            ),
            rx.fragment(),
        ),
    )


def file_list(files: rx.Var[list[FileView]]) -> rx.Component:
    pictures = only(files, "f.kind === 'image'").to(list[FileView])
    return rx.el.div(
        rx.cond(pictures.length() > 0, _pictures(pictures), rx.fragment()),
        rx.foreach(
            only(files, "f.kind !== 'image'").to(list[FileView]),
            lambda file: rx.match(
                file.kind,
                ("voice", voice_note(file=file, key=file.id)),
                ("audio", _sound(file)),
                _paper(file),
            ),
        ),
        class_name="my-1 flex w-full flex-col gap-2",
    )


def _pictures(pictures: rx.Var) -> rx.Component:
    """One as it is, several as squares; each keeps its place before it is there."""
    one = pictures.length() == 1
    return rx.el.div(
        rx.foreach(
            pictures,
            lambda file, i: rx.el.button(
                rx.el.img(
                    src=file.thumb,
                    alt=file.name,
                    loading="lazy",
                    decoding="async",
                    class_name="size-full object-cover",
                ),
                type="button",
                aria_label=t("Look at {name}", name=file.name),
                style={
                    "aspectRatio": rx.cond(one, f"{file.width} / {file.height}", "1 / 1"),
                    # as large as it is, but no side over 20 rem, and in its own shape
                    "width": rx.cond(
                        one,
                        f"min({file.width}px, 20rem, calc(20rem * {file.width} / {file.height}))",
                        "100%",
                    ),
                },
                class_name=rx.cond(one, _ALONE, _AMONG),
                key=file.id,
                custom_attrs={"onClick": show_pictures(pictures, i)},
            ),
        ),
        class_name=rx.cond(one, "flex", _GRID),
    )


_TILE = "block overflow-hidden rounded-xl bg-hover"
# one very tall or very wide shows its middle; the whole is in the lightbox
_ALONE = f"{_TILE} min-h-16 max-h-80 min-w-16 max-w-full"
_AMONG = f"{_TILE} w-full"
_GRID = "grid w-80 max-w-full grid-cols-2 gap-1.5"


def _actions(file: Any, *, on: str = "") -> rx.Component:
    return rx.el.a(
        icon("download", 18),
        href=f"{file.url}&download",
        download=file.name,
        aria_label=t("Save {name}", name=file.name),
        title=t("Save"),
        custom_attrs=_outside(),
        class_name=(
            "flex size-11 shrink-0 items-center justify-center rounded-control hover:bg-hover "
            f"text-ink no-underline {on}"
        ),
    )


def _paper(file: Any) -> rx.Component:
    """A PDF opens beside the page; all else is saved."""
    face = rx.el.span(
        rx.match(
            file.kind,
            ("pdf", icon("file-text", 22)),
            rx.match(
                file.mime,
                ("application/zip", icon("file-archive", 22)),
                ("text/plain", icon("file-text", 22)),
                icon("file", 22),
            ),
        ),
        class_name=(
            "flex size-11 shrink-0 items-center justify-center rounded-control bg-brand-soft "
            "text-brand-ink"
        ),
    )
    words = rx.el.span(
        rx.el.span(file.name, class_name="block truncate text-sm font-medium", dir="auto"),
        rx.el.span(
            rx.cond(file.kind == "pdf", "PDF · ", ""),
            file.size,
            class_name="block text-xs text-muted tabular",
        ),
        class_name="min-w-0 flex-1 text-left",
    )
    row = "flex min-w-0 flex-1 items-center gap-3 rounded-control text-ink no-underline"
    return rx.el.div(
        rx.cond(
            file.kind == "pdf",
            rx.el.a(
                face,
                words,
                href=file.url,
                target="_blank",
                rel="noopener",
                title=t("Open {name}", name=file.name),
                class_name=row,
            ),
            rx.el.a(
                face,
                words,
                href=f"{file.url}&download",
                download=file.name,
                title=t("Save {name}", name=file.name),
                custom_attrs=_outside(),
                class_name=row,
            ),
        ),
        _actions(file),
        key=file.id,
        class_name=(
            "flex w-80 max-w-full items-center gap-1 rounded-xl border border-line bg-surface p-1.5"
        ),
    )


def _sound(file: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span(file.name, class_name="min-w-0 flex-1 truncate text-sm", dir="auto"),
            rx.el.span(file.size, class_name="text-xs text-muted tabular"),
            _actions(file),
            class_name="flex items-center gap-2 pl-2",
        ),
        rx.el.audio(
            src=file.url,
            controls=True,
            preload="none",
            aria_label=file.name,
            class_name="h-11 w-full",
        ),
        key=file.id,
        class_name=(
            "flex w-80 max-w-full flex-col gap-1 rounded-xl border border-line bg-surface p-1.5"
        ),
    )


@rx.memo
def voice_note(rest: rx.RestProp, *, file: rx.Var[FileView]) -> rx.Component:
    """Play, the wave to move in, the time."""
    return rx.el.div(
        Player.create(
            rx.el.audio(src=file.url, preload="none", class_name="hidden"),
            rx.el.button(
                icon("play", 20, class_name="group-data-playing:hidden"),
                icon("pause", 20, class_name="hidden group-data-playing:block"),
                type="button",
                aria_label=t("Play the voice note"),
                class_name=_ROUND,
            ),
            rx.el.div(
                rx.el.div(
                    class_name="h-full w-full",
                    custom_attrs={"data-wave": ""},
                    style={
                        "background": (
                            "linear-gradient(to right, var(--brand) var(--played, 0%),"
                            " var(--edge) var(--played, 0%))"
                        )
                    },
                ),
                rx.el.input(
                    type="range",
                    min=0,
                    max=100,
                    step="any",
                    default_value="0",
                    aria_label=t("Move in the voice note"),
                    class_name="absolute inset-0 size-full cursor-pointer opacity-0",
                ),
                class_name=(
                    "relative h-9 min-w-0 flex-1 rounded-md has-[:focus-visible]:outline-2 "
                    "has-[:focus-visible]:outline-focus"
                ),
            ),
            rx.el.span(
                custom_attrs={"data-clock": ""},
                class_name="w-9 shrink-0 text-right text-xs text-muted tabular",
            ),
            rx.el.p(
                t("This voice note cannot be played here. Save it to hear it."),
                class_name="hidden basis-full text-xs text-bad group-data-failed:block",
                role="status",
            ),
            id="voice-note",
            seconds=file.seconds,
            peaks=file.peaks,
            class_name="group flex min-w-0 flex-1 flex-wrap items-center gap-3",
        ),
        _actions(file),
        rest,
        class_name="flex w-80 max-w-full items-center gap-1",
    )


def lightbox() -> rx.Component:
    """The pictures of one message over the page; arrows turn, Esc closes, focus returns."""
    shown = looking("(@.list[@.at] ?? {})", dict[str, Any])
    many = looking("@.list.length > 1", bool)
    place = looking("`${@.at + 1} / ${@.list.length}`", str)
    url = looking("(@.list[@.at]?.view ?? '')", str)
    name = shown["name"].to(str)
    over = "bg-surface text-ink hover:bg-hover"
    content = radix.content(
        radix.title(rx.el.h2(t("Picture"), class_name="sr-only"), as_child=True),
        rx.el.div(
            rx.el.p(name, class_name="min-w-0 flex-1 truncate px-2 text-sm", dir="auto"),
            rx.cond(many, rx.el.span(place, class_name="text-sm tabular"), rx.fragment()),
            rx.el.a(
                icon("download", 20),
                href=looking("`${@.list[@.at]?.url ?? ''}&download`", str),
                download=name,
                aria_label=t("Save {name}", name=name),
                title=t("Save"),
                custom_attrs=_outside(),
                class_name=f"flex size-11 items-center justify-center rounded-full {over}",
            ),
            radix.close(
                rx.el.button(
                    icon("x", 20),
                    type="button",
                    aria_label=t("Close"),
                    class_name=f"flex size-11 items-center justify-center rounded-full {over}",
                ),
                as_child=True,
            ),
            class_name="absolute inset-x-0 top-0 z-10 flex items-center gap-3 p-3",
        ),
        rx.el.img(
            src=url,
            alt=name,
            key=url,
            class_name="max-h-full max-w-full object-contain",
        ),
        rx.cond(
            many,
            rx.fragment(
                _turn(-1, "chevron-left", t("Picture before"), "left-3"),
                _turn(1, "chevron-right", t("Next picture"), "right-3"),
            ),
            rx.fragment(),
        ),
        custom_attrs={"aria-describedby": None},
        # pictures are looked at in the dark, whatever the page is in
        class_name=(
            "dark fixed inset-0 z-50 flex items-center justify-center bg-sunken p-2 pt-16 text-ink "
            "sm:p-16"
        ),
    )
    return rx.fragment(
        ArrowKeys.create(hidden=True),
        radix.root(
            radix.portal(radix.overlay(class_name="fixed inset-0 z-50 bg-overlay"), content),
            open=looking("@.at >= 0", bool),
            on_open_change=closed(),
        ),
    )


def _turn(by: int, icon_name: str, label: str, side: str) -> rx.Component:
    return rx.el.button(
        icon(icon_name, 24),
        type="button",
        aria_label=label,
        custom_attrs={"onClick": turn_pictures(by)},
        class_name=(
            "absolute top-1/2 flex size-12 -translate-y-1/2 items-center justify-center "
            f"rounded-full bg-surface text-ink hover:bg-hover {side}"
        ),
    )
