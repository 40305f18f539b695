"""Rows of an export as a table that a spreadsheet opens."""

import csv
import io
import json
from typing import Any

from loom_app.domains.payments.queries import formula_safe


def as_csv(rows: list[dict[str, Any]]) -> str:
    """One line of names, one for each row; with the mark by which Excel knows UTF-8. Lists and
    objects are JSON in their cell, what is missing is empty, and no words become a formula."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    held = io.StringIO()
    out = csv.writer(held)
    out.writerow(names)
    out.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return "\ufeff" + held.getvalue()


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False)
    return formula_safe(value)
