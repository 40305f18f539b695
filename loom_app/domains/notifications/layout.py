"""How a mail looks: MJML, of which a library makes what Gmail, Apple Mail and Outlook need: tables,
inline styles, and a width of its own for Outlook, which knows no max-width."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import mrml
from jinja2 import Environment, StrictUndefined

from loom_app.kit.settings import settings
from loom_app.kit.text import language, t

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
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


@dataclass(frozen=True, slots=True)
class Foot:
    """Below a mail: why it came, and links as words and whole addresses. `unsubscribe` is for the
    mail program's own button; "" where this mail always comes."""

    why: str = ""
    links: tuple[tuple[str, str], ...] = ()
    unsubscribe: str = ""


NO_FOOT = Foot()

_MJML = """<mjml lang="{{ lang }}"><mj-head><mj-title>{{ letter.subject }}</mj-title>
<mj-preview>{{ preview }}</mj-preview>
<mj-attributes>
<mj-all font-family="Inter,Segoe UI,Helvetica,Arial,sans-serif" />
<mj-text color="#2b2724" font-size="16px" line-height="24px" padding="0 0 12px" />
<mj-section padding="0" /><mj-wrapper padding="0" />
</mj-attributes>
<mj-raw><meta name="color-scheme" content="light dark" />
<meta name="supported-color-schemes" content="light dark" /></mj-raw>
<mj-style>
@media (prefers-color-scheme: dark) {
  body, .page { background: #1d1a18 !important }
  .card, .card > table { background: #282422 !important }
  .ink, .ink div { color: #ece7e1 !important }
  .soft, .soft div, .soft a { color: #b5aca2 !important }
}
</mj-style></mj-head>
<mj-body background-color="#faf8f5" width="552px" css-class="page">
<mj-section padding="32px 16px 0"><mj-column>
<mj-text css-class="ink" font-size="18px" font-weight="600" padding="0 8px 16px">
{{ brand }}</mj-text>
</mj-column></mj-section>
<mj-wrapper padding="0 16px"><mj-section css-class="card" background-color="#ffffff"
  border-radius="14px" padding="28px"><mj-column>
<mj-text css-class="ink">{{ greeting }}</mj-text>
{% for line in letter.lines %}<mj-text css-class="ink">{{ line }}</mj-text>
{% endfor %}
{% if letter.facts %}<mj-table padding="8px 0 4px">
{% for label, value in letter.facts %}
<tr><td class="soft" valign="top" width="72"
  style="padding:4px 12px 4px 0;font-size:14px;line-height:22px;color:#6b635b">{{ label }}</td>
<td class="ink" valign="top" style="padding:4px 0;font-size:15px;line-height:22px;color:#2b2724">
{{ value }}</td></tr>
{% endfor %}</mj-table>{% endif %}
<mj-button href="{{ link }}" align="left" background-color="#17645f" color="#ffffff"
  border-radius="10px" font-size="15px" font-weight="600" line-height="20px" padding="12px 0 0"
  inner-padding="12px 20px">{{ letter.action }}</mj-button>
<mj-text css-class="soft" color="#6b635b" font-size="13px" line-height="20px"
  padding="20px 0 0">{{ hint }} {{ link }}</mj-text>
{% if support %}<mj-text css-class="soft" color="#6b635b" font-size="13px" line-height="20px"
  padding="12px 0 0">{{ support }}</mj-text>{% endif %}
</mj-column></mj-section></mj-wrapper>
<mj-section padding="16px 16px 32px"><mj-column>
<mj-text css-class="soft" color="#6b635b" font-size="13px" line-height="20px" padding="0 8px">
{{ foot.why }}{% for words, address in foot.links %} <a href="{{ address }}"
  style="color:#6b635b;text-decoration:underline">{{ words }}</a>{% if not loop.last %} ·{% endif %}
{% endfor %}</mj-text>
</mj-column></mj-section>
</mj-body></mjml>
"""

_TEXT = """{{ greeting }}

{% for line in letter.lines %}{{ line }}

{% endfor %}{% for label, value in letter.facts %}{{ label }}: {{ value }}
{% endfor %}
{{ letter.action }}:
{{ link }}
{% if support %}

{{ support }}
{% endif %}{% if foot.why %}
--
{{ foot.why }}
{% for words, address in foot.links %}{{ words }}: {{ address }}
{% endfor %}{% endif %}"""


@cache
def _environment(*, escape: bool) -> Environment:
    return Environment(autoescape=escape, undefined=StrictUndefined)  # noqa: S701 - plain text has no markup


def draw_html(letter: Letter, name: str, foot: Foot = NO_FOOT) -> str:
    """To a person of this name; "" where nobody told us."""
    template = _environment(escape=True).from_string(_MJML)
    hint = t("If the button does nothing, open this address:")
    first = letter.lines[0] if letter.lines else ""
    more = {"lang": language(), "hint": hint, "preview": first[:1].upper() + first[1:]}
    drawn = template.render(letter=letter, foot=foot, **more, **_around(letter, name))
    return mrml.to_html(_NOT_IN_XML.sub("", drawn)).content


def draw_text(letter: Letter, name: str, foot: Foot = NO_FOOT) -> str:
    template = _environment(escape=False).from_string(_TEXT)
    return template.render(letter=letter, foot=foot, **_around(letter, name))


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
