"""Composition root: what is wired to what."""

import reflex as rx

from loom_app.ui.routes import routes
from loom_app.ui.shell.app_wraps import document_head, wraps

app = rx.App(
    html_lang="en",
    reset_style=False,
    toaster=None,
    head_components=document_head(),
    extra_app_wraps=wraps(),
)
for route in routes():
    app.add_page(
        route.page,
        route=route.path,
        title=route.title,
        description=route.description or None,
        on_load=route.on_load or None,
    )
