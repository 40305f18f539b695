"""A browser tab without a browser: Reflex's real processor, middleware, locks and deltas."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import StateUpdate
from reflex_base.event import Event
from reflex_base.event.processor import BaseStateEventProcessor
from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.security import limits
from loom_app.kit.security.headers import SESSION_HEADER, VISITOR_HEADER
from loom_app.ui import live, problems, session
from tests.background import under_way

WAIT = 10  # an outcome that does not come is a failure; nothing is measured


class Tab:
    """`async with Tab(app, actor) as tab: await tab.visit("/coaches", State.load)`."""

    def __init__(self, app: rx.App, actor: Actor) -> None:
        self.app, self.actor, self.token = app, actor, str(uuid.uuid4())
        self.path = "/"
        self.connections = 1
        self.events: list[Event] = []
        self.errors: list[Exception] = []
        self.told = asyncio.Event()

    async def __aenter__(self) -> Self:
        self.manager = StateManagerMemory()

        def on_error(exception: Exception) -> None:
            if not isinstance(exception, problems.Stopped):
                self.errors.append(exception)

        self.processor = BaseStateEventProcessor(
            middleware=self.app, backend_exception_handler=on_error
        )
        started = self.processor.configure(state_manager=self.manager, event_namespace=self)  # type: ignore[arg-type]
        await started.start()
        await self.become(self.actor)
        return self

    async def become(self, actor: Actor) -> None:
        """From now on this person's tab."""
        self.actor = actor
        self.headers = {"origin": "http://localhost", **await self._identity()}

    async def _identity(self) -> dict[str, str]:
        """A real sign-in, in the headers that the gate would write."""
        if self.actor.person_id is None:
            return {VISITOR_HEADER: self.actor.visitor or ""}
        async with transaction(Actor.system_job("accounts.test")) as tx:
            session_id = await tx.db.scalar(
                text(
                    "INSERT INTO auth_sessions (user_id, token_hash, created_at, seen_at,"
                    " idle_until, expires_at, mfa, proven_at)"
                    " VALUES (:u, :t, :now, :now, :end, :end, :mfa, :proven) RETURNING id"
                ),
                {
                    "u": self.actor.person_id,
                    "t": self.token,
                    "now": tx.now,
                    "end": tx.now + timedelta(days=1),
                    "mfa": self.actor.mfa,
                    "proven": self.actor.stepped_up_at,
                },
            )
        session.forget(Signal(f"auth:{session_id}"))  # ids start anew in every test
        return {SESSION_HEADER: str(session_id), VISITOR_HEADER: self.actor.visitor or ""}

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        live.closed(self.token)
        limits.reset()  # ids begin anew in every test, and so do their counts
        if left := under_way():  # what the tab set in motion ends with it
            await asyncio.wait(left, timeout=5)
        live.closed(self.token)  # a letter under way may have begun to watch again
        await self.processor.stop()
        await self.manager.close()
        if error is None:
            assert self.errors == [], [repr(one) for one in self.errors]

    async def emit_update(self, update: StateUpdate, token: str) -> None:  # noqa: ARG002 - theirs
        """All that the processor needs of a namespace."""
        self.events += update.events
        self.told.set()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until what the tab is told makes it so."""
        while not holds():
            self.told.clear()
            await asyncio.wait_for(self.told.wait(), WAIT)

    async def do(self, spec: Any) -> None:
        """Run one event to its end, with what it chains."""
        url = urlsplit(self.path)
        router_data = {
            "pathname": url.path,
            "asPath": self.path,
            "query": dict(parse_qsl(url.query)),
            "token": self.token,
            "sid": f"s{self.connections}",
            "ip": "127.0.0.1",
            "headers": self.headers,
        }
        for event in Event.from_event_type(spec, router_data=router_data):
            with contextlib.suppress(Exception):
                await (await self.processor.enqueue(self.token, event)).wait_all()
        await asyncio.sleep(0)

    async def visit(self, path: str, *specs: Any) -> None:
        """Open an address: its on_load events in their order."""
        self.path = path
        for spec in specs:
            await self.do(spec)

    async def reconnect(self, *specs: Any) -> None:
        """The connection was lost and is back: the same page begins once more."""
        self.connections += 1
        await self.visit(self.path, *specs)

    async def state(self, cls: type[rx.State]) -> Any:
        root = await self.manager.get_state(rx.BaseStateToken(ident=self.token, cls=cls))
        return await root.get_state(cls)

    def redirected_to(self) -> str:
        """Where the last redirect goes."""
        paths = [event.payload["path"] for event in self.events if event.name == "_redirect"]
        return paths[-1] if paths else ""
