"""How a mail looks: one column, tables and inline styles, as mail clients need it."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined

from loom_app.kit.settings import settings
from loom_app.kit.text import language, t

Facts = dict[str, Any]  # what a delivery keeps for its words


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a mail, below its greeting; `facts` are label and value, `path` is where the
    button leads on our site."""

    subject: str
    lines: list[str]
    action: str
    path: str
    facts: list[tuple[str, str]] = field(default_factory=list)


_HTML = """<!doctype html>
<html lang="{{ lang }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{{ letter.subject }}</title>
<style>
@media (prefers-color-scheme: dark) {
  .page { background: #1d1a18 !important } .card { background: #282422 !important }
  .ink { color: #ece7e1 !important } .soft { color: #b5aca2 !important }
}
</style></head>
<body class="page" style="margin:0;background:#faf8f5">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="page"
  style="background:#faf8f5"><tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"
  style="max-width:520px;font-family:Inter,Segoe UI,Helvetica,Arial,sans-serif">
<tr><td class="ink" style="padding:0 8px 16px;font-size:18px;font-weight:600;color:#2b2724">
{{ brand }}</td></tr>
<tr><td class="card" style="background:#ffffff;border-radius:14px;padding:28px">
<p class="ink" style="margin:0 0 12px;font-size:16px;line-height:24px;color:#2b2724">
{{ greeting }}</p>
{% for line in letter.lines %}
<p class="ink" style="margin:0 0 12px;font-size:16px;line-height:24px;color:#2b2724">{{ line }}</p>
{% endfor %}
{% if letter.facts %}
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:8px 0 4px">
{% for label, value in letter.facts %}
<tr><td class="soft" valign="top" width="72"
  style="padding:4px 12px 4px 0;font-size:14px;line-height:22px;color:#6b635b">{{ label }}</td>
<td class="ink" style="padding:4px 0;font-size:15px;line-height:22px;color:#2b2724">
{{ value }}</td></tr>
{% endfor %}
</table>
{% endif %}
<table role="presentation" cellpadding="0" cellspacing="0" style="margin-top:20px"><tr>
<td style="background:#17645f;border-radius:10px"><a href="{{ link }}"
  style="display:inline-block;padding:12px 20px;font-size:15px;font-weight:600;color:#ffffff;
  text-decoration:none">{{ letter.action }}</a></td></tr></table>
<p class="soft" style="margin:20px 0 0;font-size:13px;line-height:20px;color:#6b635b;
  word-break:break-all">{{ hint }} {{ link }}</p>
{% if support %}
<p class="soft" style="margin:12px 0 0;font-size:13px;line-height:20px;color:#6b635b">
{{ support }}</p>
{% endif %}
</td></tr></table></td></tr></table></body></html>
"""

_TEXT = """{{ greeting }}

{% for line in letter.lines %}{{ line }}

{% endfor %}{% for label, value in letter.facts %}{{ label }}: {{ value }}
{% endfor %}
{{ letter.action }}:
{{ link }}
{% if support %}

{{ support }}
{% endif %}
"""


@cache
def _environment(*, escape: bool) -> Environment:
    return Environment(autoescape=escape, undefined=StrictUndefined)  # noqa: S701 - plain text has no markup


def draw_html(letter: Letter, name: str) -> str:
    """To a person of this name; "" where nobody told us."""
    template = _environment(escape=True).from_string(_HTML)
    hint = t("If the button does nothing, open this address:")
    return template.render(letter=letter, lang=language(), hint=hint, **_around(letter, name))


def draw_text(letter: Letter, name: str) -> str:
    template = _environment(escape=False).from_string(_TEXT)
    return template.render(letter=letter, **_around(letter, name))


def _around(letter: Letter, name: str) -> dict[str, str]:
    link = f"{settings().base_url}{letter.path}"
    greeting = t("Hello {name},", name=name) if name else t("Hello,")
    help_at = settings().support_address
    return {
        "greeting": greeting,
        "link": link,
        "brand": settings().brand_name,
        "support": t("Questions? {address}", address=help_at) if help_at else "",
    }
