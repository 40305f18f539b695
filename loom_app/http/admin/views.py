"""A listing as a view of the library: rows by our queries, changes by our actions."""

from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request
from starlette_admin import ActionSelection, flash
from starlette_admin.actions import action
from starlette_admin.exceptions import ActionFailed, FormValidationError
from starlette_admin.export import CsvExporter, JsonExporter
from starlette_admin.fields import BaseField, IntegerField, TextAreaField
from starlette_admin.filters import FilterGroup
from starlette_admin.types import RequestAction
from starlette_admin.views import BaseModelView

from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.operations import actions, queries
from loom_app.domains.operations.listing import Listing
from loom_app.domains.operations.queries import Ask
from loom_app.http.admin.fields import EqualNumber, field_of, group
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import DomainError, Invalid
from loom_app.kit.text import t, tn

Do = Callable[[Actor, int, str], Awaitable[object]]
Act = Callable[[Tx, Actor, int, str], Awaitable[object]]

REASON = (
    '<form><label class="form-label required" for="reason">{words}</label>'
    '<textarea class="form-control" id="reason" name="reason" rows="3" maxlength="300"'
    " required></textarea></form>"
)


def deed(name: str, words: str, permission: str, do: Do, *, reason: bool = True) -> Any:
    """A bulk action: each row by itself, so that one that cannot be changed holds up no other."""

    @action(
        name=name,
        text=words,
        confirmation=t("{what}: for everything that is selected?", what=words),
        submit_btn_text=words,
        form=REASON.format(words=t("Why, for whoever reads it later")) if reason else None,
    )
    async def run(self: BaseModelView, request: Request, selection: ActionSelection) -> None:
        me: Actor = request.state.me
        why = str((await request.form()).get("reason") or "")
        done, problems = 0, set[str]()
        for pk in await selection.pks():
            try:
                await do(me, number(pk), why)
                done += 1
            except StepUpNeeded:
                raise ActionFailed(t("Confirm that it is you first, then do it again.")) from None
            except Invalid as problem:  # the reason: nothing else is asked for
                raise ActionFailed(problem.message) from None
            except DomainError as problem:
                problems.add(problem.message or t("It is not as it was. Look again."))
        if done:
            flash(request, tn("Done for {n} row.", "Done for {n} rows.", done), "success")
        if problems:
            raise ActionFailed(" ".join(sorted(problems)))

    run.permission = permission
    return run


def in_transaction(act: Act) -> Do:
    """An action of a domain as a deed, in a transaction of its own."""

    async def do(me: Actor, row_id: int, reason: str) -> object:
        async with transaction(me) as tx:
            return await act(tx, me, row_id, reason)

    return do


def number(pk: Any) -> int:
    """A key out of an address; what is none is no row's."""
    return int(pk) if str(pk).isdecimal() and len(str(pk)) < 19 else 0


class ListingView(BaseModelView):
    """Looking, searching, filtering and taking out; what can be changed is said by subclasses.

    `correct` names the columns of the form, `edits` the permission that it needs.
    """

    listing: Listing
    correct: tuple[str, ...] = ()
    edits = ""
    pk_attr = "id"
    fields_default_sort = (("id", True),)
    page_size = 25
    page_size_options = (25, 50, 100)
    exporters = (CsvExporter(escape_formulas=True), JsonExporter())
    importers = ()
    row_actions = ("view", "edit")

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.key, self.menu_label, self.display_name = listing.key, listing.title, listing.one
        self.fields = [
            IntegerField("id", label=t("Number"), filters=[EqualNumber], exclude_from_edit=True),
            *(field_of(one, editable=one.name in self.correct) for one in listing.columns),
        ]
        if self.correct:
            self.fields.append(
                TextAreaField(
                    "reason",
                    label=t("Why, for whoever reads it later"),
                    required=True,
                    exclude_from_list=True,
                    exclude_from_detail=True,
                    exclude_from_export=True,
                    getter=lambda _request, _obj: "",
                    filters=[],
                    searchable=False,
                    orderable=False,
                )
            )
        super().__init__()

    # who may

    def is_accessible(self, request: Request) -> bool:
        return request.state.me.may(self.listing.permission)

    def can_create(self, request: Request) -> bool:  # noqa: ARG002 - nobody
        return False

    def can_delete(self, request: Request) -> bool:  # noqa: ARG002 - nobody
        return False

    def can_import(self, request: Request) -> bool:  # noqa: ARG002 - nobody
        return False

    def can_edit(self, request: Request) -> bool:
        return bool(self.correct) and request.state.me.may(self.edits)

    def can_export(self, request: Request) -> bool:
        return self.key != "audit" or request.state.me.may("audit.export")

    async def is_action_allowed(self, request: Request, name: str) -> bool:
        handler = self._actions_handlers.get(name)
        needed = getattr(handler, "permission", "")
        if not needed:
            return await super().is_action_allowed(request, name)
        return request.state.me.may(needed)

    # rows

    def get_fields_list(
        self,
        request: Request,
        *,
        include_nested: bool = False,
        action: RequestAction | None = None,
    ) -> Sequence[BaseField]:
        """`include_nested` asks what a list is filtered and sorted by: also by what has no column
        in it."""
        asked = RequestAction.DETAIL if include_nested and action is None else action
        return super().get_fields_list(request, include_nested=include_nested, action=asked)

    async def find_all(
        self,
        request: Request,
        skip: int = 0,
        limit: int = 100,
        q: str | None = None,
        sorts: Sequence[tuple[str, str]] | None = None,
        filters: FilterGroup | None = None,
    ) -> Sequence[Any]:
        me: Actor = request.state.me
        order = [(name, way == "desc") for name, way in sorts or ()]
        ask = Ask(q or "", group(filters, me.zone), order, skip, limit)
        async with transaction(me) as tx:
            rows = await queries.page(tx, me, self.listing.key, ask)
        return [SimpleNamespace(**row) for row in rows]

    async def count(
        self, request: Request, q: str | None = None, filters: FilterGroup | None = None
    ) -> int:
        me: Actor = request.state.me
        ask = Ask(q or "", group(filters, me.zone))
        async with transaction(me) as tx:
            return await queries.count(tx, me, self.listing.key, ask)

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        me: Actor = request.state.me
        async with transaction(me) as tx:
            row = await queries.look(tx, me, self.listing.key, number(pk))
        if row is None:
            return None
        # the page gets a row in words, out of which nothing can be looked for
        request.state.row_ways = queries.ways(me, self.listing.key, row)
        return SimpleNamespace(**row)

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[Any]:
        me: Actor = request.state.me
        ids = [number(pk) for pk in pks]
        async with transaction(me) as tx:
            rows = await queries.chosen(tx, me, self.listing.key, ids)
        return [SimpleNamespace(**row) for row in rows]

    async def repr(self, obj: Any, request: Request) -> str:  # noqa: ARG002 - its words
        return f"{self.listing.one} {obj.id}"

    # changes

    async def change(self, tx: Tx, me: Actor, row_id: int, data: dict[str, str]) -> None:
        """The domain's action for what the form says, with its reason."""
        raise NotImplementedError

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Any:
        me: Actor = request.state.me
        told = {name: str(value or "") for name, value in data.items()}
        try:
            async with transaction(me) as tx:
                await self.change(tx, me, number(pk), told)
        except Invalid as problem:
            raise FormValidationError({problem.field or "reason": problem.message}) from None
        (row,) = await self.find_by_pks(request, [pk])
        return row

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        raise NotImplementedError

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        raise NotImplementedError

    async def before_export(self, request: Request, ctx: Any) -> None:
        """Taking a list out needs a fresh proof, and stands in the trail."""
        me: Actor = request.state.me
        request.state.action = RequestAction.EXPORT
        try:
            async with transaction(me) as tx:
                await actions.note_export(tx, me, self.listing.key, len(ctx.rows))
        except StepUpNeeded:
            raise ActionFailed(t("Confirm that it is you first, then do it again.")) from None
