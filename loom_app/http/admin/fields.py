"""Columns of a listing in the library's terms: fields, and filters that become our conditions."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette_admin.fields import (
    BaseField,
    BooleanField,
    FloatField,
    IntegerField,
    StringField,
    TextAreaField,
)
from starlette_admin.filters import (
    BaseFilter,
    FilterApplyContext,
    FilterDataType,
    FilterGroup,
    FilterRule,
    FilterValidationError,
    boolean,
    generic,
    numeric,
    string,
)

from loom_app.domains.operations.listing import Column
from loom_app.domains.operations.queries import Clause, Group
from loom_app.kit.text import t


class _Ours(BaseFilter):
    """The queries make statements of conditions, so a filter is no more than its name."""

    def apply(self, ctx: FilterApplyContext) -> Any:
        return _clause(FilterRule(ctx.field_name, self.name, ctx.value))


class Contains(_Ours, string.ContainsFilter):
    pass


class Equal(_Ours, generic.EqualFilter):
    pass


class EqualNumber(_Ours, numeric.EqualFilter):
    pass


class Has(_Ours, numeric.EqualFilter):
    name, label = "has", t("One is")


class AtLeast(_Ours, numeric.GreaterThanOrEqualFilter):
    pass


class AtMost(_Ours, numeric.LessThanOrEqualFilter):
    pass


class Yes(_Ours, boolean.IsTrueFilter):
    pass


class No(_Ours, boolean.IsFalseFilter):
    pass


class Empty(_Ours, generic.IsNullFilter):
    pass


class Filled(_Ours, generic.IsNotNullFilter):
    pass


class _Moment(_Ours):
    data_type = FilterDataType.DATETIME

    def parse_value(self, raw: str) -> datetime:
        """What is typed is in no zone, and told to the queries as UTC once the reader is known."""
        try:
            return datetime.fromisoformat(raw).replace(tzinfo=None)
        except (TypeError, ValueError):
            raise FilterValidationError(t("This is no date.")) from None


class Since(_Moment):
    name, label = "gte", t("From")


class Until(_Moment):
    name, label = "lte", t("Until")


FILTERS: dict[str, list[type[BaseFilter]]] = {
    "text": [Contains, Equal],
    "number": [EqualNumber, AtLeast, AtMost],
    "numbers": [Has],
    "decimal": [AtLeast, AtMost],
    "time": [Since, Until, Empty, Filled],
    "yes": [Yes, No],
    "money": [],
}
_OPS = {
    "is_null": ("empty", None),
    "is_not_null": ("filled", None),
    "is_true": ("eq", True),
    "is_false": ("eq", False),
}


def _clause(rule: FilterRule, zone: str = "UTC") -> Clause:
    op, value = _OPS.get(rule.filter, (rule.filter, rule.value))
    if isinstance(value, list):  # a comma in what was typed, to the library's parser
        value = ",".join(value)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=ZoneInfo(zone))
    return Clause(rule.field, op, value)


def group(found: FilterGroup | None, zone: str) -> Group:
    """The library's tree of filters as ours; times are of the reader's zone."""
    if found is None:
        return Group()
    parts = [
        _clause(one, zone) if isinstance(one, FilterRule) else group(one, zone)
        for one in found.rules
    ]
    return Group(found.logic == "or", parts)


async def _when(request: Request, obj: Any, name: str) -> str | None:
    value = getattr(obj, name)
    zone = ZoneInfo(request.state.me.zone)
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if value else None


async def _listed(_request: Request, obj: Any, name: str) -> str:
    return ", ".join(str(one) for one in getattr(obj, name))


def field_of(column: Column, *, editable: bool) -> BaseField:
    """How a column is shown, and whether it stands in the form."""
    options: dict[str, Any] = {
        "label": column.label,
        "filters": FILTERS[column.kind],
        "searchable": bool(FILTERS[column.kind]),
        "exclude_from_list": column.wide,
        "exclude_from_edit": not editable,
    }
    if column.kind == "yes":
        return BooleanField(column.name, **options)
    if column.kind == "number":
        return IntegerField(column.name, **options)
    if column.kind == "decimal":
        return FloatField(column.name, **options)
    name = column.name
    if column.kind == "numbers":
        return StringField(name, getter=lambda r, o: _listed(r, o, name), **options)
    if column.kind == "time":
        return StringField(name, getter=lambda r, o: _when(r, o, name), **options)
    kind = TextAreaField if editable and column.wide else StringField
    return kind(column.name, **options)
