"""The details step: agenda and answers, saved with the draft."""

import zlib
from typing import Any

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit.text import t
from loom_app.ui.booking.rows import Question
from loom_app.ui.booking.state import BookingState
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public


class DetailsState(Problems, rx.State):
    """What the client writes before the session."""

    agenda: str = ""
    questions: list[Question] = []
    form_key: str = ""  # "" while the form is not filled
    offering_id: int = 0
    group: bool = False
    share_name: bool = False

    @rx.event
    @public
    async def open(self) -> None:
        booking = await self.get_state(BookingState)
        if booking.place != "details" or not booking.held.until:
            # not drawn again before it is filled again: what is typed at once would go with it
            self.form_key = ""
            return
        async with acting(self) as (tx, me):
            offering = await coaches.offering(tx, me, booking.offering.id)
            draft = await queries.draft(tx, me)
            answers = draft.answers if draft else {}
            self.group = offering.capacity > 1
            self.share_name = bool(draft and draft.share_name)
            self.agenda = draft.agenda if draft else ""
            self.questions = [
                Question(
                    key=question.key,
                    label=question.label
                    if question.required
                    else f"{question.label} ({t('optional')})",
                    kind=question.kind,
                    choices=[["", t("Choose one")], *([word, word] for word in question.choices)],
                    answer=answers.get(question.key, ""),
                )
                for question in offering.questions
            ]
            self.offering_id = offering.id
            # a new form only for new words: a reconnect must not wipe what is being typed
            words = repr((offering.id, self.agenda, sorted(answers.items())))
            self.form_key = str(zlib.crc32(words.encode()))

    @rx.event
    @public
    async def save(self, form: dict[str, Any]) -> Any:
        booking = await self.get_state(BookingState)
        written = {key: str(value) for key, value in form.items() if isinstance(value, str)}
        agenda = written.pop("agenda", "")
        share_name = bool(written.pop("share_name", "") or form.get("share_name") is True)
        async with acting(self) as (tx, me):
            offering_id = booking.offering.id
            await scheduling.save_details(
                tx, me, agenda, written, share_name=share_name, offering_id=offering_id
            )
            return rx.redirect(f"/book/{booking.coach.slug}/review?offering={offering_id}")
