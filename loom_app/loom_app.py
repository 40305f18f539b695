"""Composition root: what is wired to what."""

import contextlib
import gc
from collections.abc import AsyncGenerator

import reflex as rx

from loom_app import wiring
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.platform import current as platform
from loom_app.http import asgi
from loom_app.kit import failures, leaving, outside, telemetry, tracing
from loom_app.kit.audit import chain
from loom_app.kit.db import engine
from loom_app.kit.jobs.worker import Worker
from loom_app.kit.realtime import bus, signals, telling
from loom_app.kit.settings import settings
from loom_app.kit.tasks import running
from loom_app.ui import live, session
from loom_app.ui.failures import backend_failure, browser_failure
from loom_app.ui.policy import Policy
from loom_app.ui.routes import routes
from loom_app.ui.shell.app_wraps import document_head, wraps
from loom_app.ui.staff import health_state

tracing.configure()
telemetry.configure()
failures.configure()
wiring.wire()

app = rx.App(
    html_lang="en",
    reset_style=False,
    toaster=None,
    head_components=document_head(),
    extra_app_wraps=wraps(),
    api_transformer=asgi.transformers(),
    backend_exception_handler=backend_failure,
    frontend_exception_handler=browser_failure,
)
app.add_middleware(Policy())
for route in routes():
    app.add_page(
        route.page,
        route=route.path,
        title=route.title,
        description=route.description or None,
        on_load=route.on_load or None,
    )


@contextlib.asynccontextmanager
async def process() -> AsyncGenerator[None]:
    """What runs beside the pages while this process lives."""
    live.install(app)
    gc.collect()
    gc.freeze()  # what is loaded stays: collecting it again and again would stall every tab
    gc.set_threshold(50_000, 20, 100)  # and thousands of tabs' states are walked less often
    signals.listen(session.forget)
    signals.listen(platform.hear)
    app.event_processor.graceful_shutdown_timeout = 8
    telling.begin()
    worker = Worker()
    leaving.on_leaving(worker.stop)
    leaving.heed(settings().drain_seconds)
    beside = (
        worker.run(),
        chain.keep_sealing(),
        live.keep_states(app),
        session.check_sessions(),
        platform.keep_fresh(),
        outside.keep_writing(),
        health_state.keep_telling(),
    )
    async with bus.joined(messaging.note_seen), running(*beside):
        await platform.refresh()
        yield
    await engine.dispose()
    tracing.stop()


app.register_lifespan_task(process)
