"""What surrounds every page: the head, the connection banner and the net for render errors."""

from collections.abc import Callable

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary

from loom_app.ui.design.browser.follow_theme import FollowTheme
from loom_app.ui.design.browser.idle import Idle
from loom_app.ui.design.browser.storage import storage_or_memory
from loom_app.ui.session import Viewer
from loom_app.ui.shell.banner import connection_banner
from loom_app.ui.shell.closed import closed_cover
from loom_app.ui.shell.error_page import broken_page
from loom_app.ui.shell.notice_state import NoticeState
from loom_app.ui.shell.push import push_device

Wrap = Callable[[bool], rx.Component | None]


def document_head() -> list[rx.Component]:
    """Preloads and colours of the browser's own chrome."""
    return [
        storage_or_memory(),
        rx.el.link(
            rel="preload",
            href="/fonts/inter-400-700-basic.woff2",
            custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
        ),
        rx.el.link(rel="icon", href="/favicon.svg", custom_attrs={"type": "image/svg+xml"}),
        rx.el.meta(
            name="theme-color",
            content="#fbf9f6",
            custom_attrs={"media": "(prefers-color-scheme: light)"},
        ),
        rx.el.meta(
            name="theme-color",
            content="#1a1715",
            custom_attrs={"media": "(prefers-color-scheme: dark)"},
        ),
    ]


def _overlay(stateful: bool) -> rx.Component | None:
    if not stateful:
        return None
    idle = Idle.create(since=Viewer.arrived, on_change=Viewer.use.temporal, hidden=True)
    follow = FollowTheme.create(theme=Viewer.theme, signed_in=Viewer.signed_in, hidden=True)
    colours = rx.el.style(NoticeState.styles)
    return rx.fragment(colours, connection_banner(), closed_cover(), idle, follow, push_device())


def _boundary(stateful: bool) -> rx.Component | None:
    if stateful:  # reports to the server's log by Reflex's own handler
        return ErrorBoundary.create(fallback_render=broken_page())
    return ErrorBoundary.create(fallback_render=broken_page(), on_error=rx.noop())


def wraps() -> dict[tuple[int, str], Wrap]:
    """Replaces Reflex's overlay and its stack-trace page by ours, under their keys."""
    return {
        (55, "ErrorBoundary"): _boundary,
        (5, "Overlay"): _overlay,
        (4, "ExtraOverlay"): lambda _stateful: None,
    }
