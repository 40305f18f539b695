"""Colour, type and shape from one list. Pages name a token, never a colour.

Colours are OKLCH: (light, dark). `css()` makes the variables, `theme()` tells Tailwind their names.
"""

from typing import Any, Final

COLOURS: Final[dict[str, tuple[str, str]]] = {
    # Neutrals: warm stone by day, warm charcoal by night
    "canvas": ("0.984 0.005 85", "0.208 0.006 60"),
    "surface": ("0.998 0.002 85", "0.243 0.007 60"),
    "sunken": ("0.958 0.008 82", "0.178 0.006 60"),
    "hover": ("0.945 0.009 82", "0.29 0.008 60"),
    "line": ("0.9 0.009 80", "0.335 0.008 60"),
    "edge": ("0.61 0.013 75", "0.58 0.012 70"),  # borders of controls: 3:1 on every ground
    "ink": ("0.245 0.013 60", "0.945 0.008 80"),
    "muted": ("0.46 0.015 65", "0.755 0.012 75"),
    # Brand: deep teal
    "brand": ("0.43 0.073 196", "0.74 0.093 190"),
    "brand-strong": ("0.365 0.064 197", "0.8 0.09 189"),
    "on-brand": ("0.99 0.006 190", "0.205 0.032 200"),
    "brand-soft": ("0.945 0.024 190", "0.305 0.038 198"),
    "brand-ink": ("0.4 0.07 196", "0.82 0.08 190"),
    # Accent: apricot, sparingly
    "accent": ("0.81 0.115 64", "0.79 0.105 66"),
    "accent-soft": ("0.955 0.034 74", "0.315 0.042 62"),
    "accent-ink": ("0.46 0.1 54", "0.85 0.085 68"),
    # What happened
    "good": ("0.46 0.1 152", "0.79 0.12 152"),
    "good-soft": ("0.95 0.036 155", "0.3 0.04 155"),
    "warn": ("0.48 0.1 72", "0.83 0.11 82"),
    "warn-soft": ("0.955 0.045 88", "0.315 0.045 78"),
    "bad": ("0.5 0.178 27", "0.75 0.13 24"),
    "bad-strong": ("0.44 0.165 27", "0.8 0.11 24"),
    "on-bad": ("0.99 0.005 30", "0.2 0.03 25"),
    "bad-soft": ("0.95 0.025 25", "0.305 0.05 25"),
    "info": ("0.46 0.115 252", "0.78 0.09 248"),
    "info-soft": ("0.95 0.022 248", "0.3 0.042 250"),
    "focus": ("0.52 0.092 196", "0.78 0.1 190"),
}

# ground and letters of a face without a picture, but for their hue
HUE: Final = (("0.91 0.055", "0.36 0.085"), ("0.36 0.06", "0.92 0.05"))
OVERLAY: Final = ("0.2 0.012 60 / 0.42", "0.1 0.005 60 / 0.62")
FLOAT: Final = (
    "0 1px 2px oklch(0.25 0.02 60 / 0.06), 0 12px 32px -8px oklch(0.25 0.02 60 / 0.18)",
    "0 1px 2px oklch(0 0 0 / 0.4), 0 16px 40px -8px oklch(0 0 0 / 0.6)",
)

# name: (size, line height) in px
TYPE: Final[dict[str, tuple[int, int]]] = {
    "xs": (12, 16),
    "sm": (14, 20),
    "base": (16, 24),
    "lg": (18, 28),
    "xl": (22, 30),
    "2xl": (28, 36),
    "3xl": (36, 44),
}

# Family, file, weights and characters: a file holds what is used and is kept for ever under its
# name, so another content is another name. Fraunces is at its optical size of 36. What nearly every
# page writes is a file of its own; letters with accents come once somebody writes one (pyftsubset
# --unicodes=… --layout-features=calt,ccmp,kern,liga,mark,mkmk,tnum --no-hinting).
_BASIC = (
    "U+20-7E, U+A0, U+A3, U+A5, U+A9, U+AB, U+B7, U+BB, U+D7, U+2009, U+2013-2014, U+2018-2019,"
    " U+201C-201D, U+2022, U+2026, U+20AC, U+2212"
)
_MORE = (
    "U+A1-A2, U+A4, U+A6-A8, U+AA, U+AC-B6, U+B8-BA, U+BC-D6, U+D8-FF, U+131, U+152-153,"
    " U+2BB-2BC, U+2C6, U+2DA, U+2DC, U+300-309, U+323, U+2002, U+201A, U+201E, U+2032-2033,"
    " U+2039-203A, U+2044, U+2122, U+2191, U+2193, U+2215"
)
FONTS: Final = (
    ("Inter", "/fonts/inter-400-700-basic.woff2", "400 700", _BASIC),
    ("Inter", "/fonts/inter-400-700-more.woff2", "400 700", _MORE),
    ("Fraunces", "/fonts/fraunces-560-36-basic.woff2", "560", _BASIC),
    ("Fraunces", "/fonts/fraunces-560-36-more.woff2", "560", _MORE),
)

BASE: Final = """
@layer base {
  html { background: var(--canvas); color: var(--ink); font-family: var(--font-text);
    -webkit-font-smoothing: antialiased;
    text-rendering: optimizeLegibility; scroll-padding-top: 88px; }
  @media (max-width: 639px) { html { scroll-padding-bottom: 96px; } }
  .light { color-scheme: light; }
  .dark { color-scheme: dark; }
  body { min-height: 100dvh; background: var(--canvas); font-size: 16px; line-height: 24px;
    overflow-wrap: break-word; }
  h1, h2, h3, h4 { text-wrap: balance; letter-spacing: -0.014em; }
  p { text-wrap: pretty; }
  a, button, input, select, textarea, summary, [tabindex] { outline-offset: 2px; }
  :focus-visible { outline: 2px solid var(--focus); }
  button, [role=button], summary, label[for] { cursor: pointer; }
  :disabled { cursor: default; }
  ::highlight(loom-found) { background: var(--accent); color: oklch(0.25 0.02 60); }
  ::selection { background: var(--brand-soft); color: var(--brand-ink); }
  dialog::backdrop { background: var(--overlay); }
  input[type=search]::-webkit-search-cancel-button { display: none; }
}
@layer components {
  .display { font-family: var(--font-display); font-weight: 560; letter-spacing: -0.022em;
    font-optical-sizing: auto; font-variation-settings: "SOFT" 50; }
  .hero { font-size: clamp(38px, 2rem + 2.6vw, 60px); line-height: 1.06; }
  .tabular { font-variant-numeric: tabular-nums; }
  .hue { background: oklch(var(--hue-ground) var(--hue)); color: oklch(var(--hue-ink) var(--hue)); }
  .busy-bar { animation: breathe 1.4s ease-in-out infinite; }
  .enter { animation: enter 160ms ease-out; }
  .enter-left { animation: enter-left 180ms ease-out; }
  .enter-up { animation: enter-up 180ms ease-out; }
  .spin { animation: spin 0.8s linear infinite; }
  /* a shade where more lies aside; what scrolls along hides it at either end */
  .more-aside { background:
    linear-gradient(to right, var(--canvas) 40%, transparent) 0 0 / 40px 100% no-repeat local,
    linear-gradient(to left, var(--canvas) 40%, transparent) 100% 0 / 40px 100% no-repeat local,
    linear-gradient(to right, var(--line), transparent) 0 0 / 16px 100% no-repeat scroll,
    linear-gradient(to left, var(--line), transparent) 100% 0 / 16px 100% no-repeat scroll; }
}
.calendar .fc { --fc-border-color: var(--line); --fc-page-bg-color: var(--surface);
  --fc-neutral-bg-color: var(--sunken); --fc-today-bg-color: var(--sunken);
  --fc-now-indicator-color: var(--bad); --fc-event-bg-color: var(--brand);
  --fc-event-border-color: var(--surface); --fc-event-text-color: var(--on-brand);
  --fc-small-font-size: 12px; font-size: 14px; line-height: 20px; }
.calendar .fc .fc-toolbar { flex-wrap: wrap; gap: 12px; }
.calendar .fc .fc-toolbar-title { font-size: 18px; line-height: 28px; font-weight: 600; }
.calendar .fc .fc-button { height: 44px; padding: 0 14px; border: 1px solid var(--edge);
  border-radius: 10px; background: transparent; color: var(--ink); font-size: 14px;
  font-weight: 500; box-shadow: none; text-transform: none; }
.calendar .fc .fc-button:hover:not(:disabled) { background: var(--hover); }
.calendar .fc .fc-button:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px;
  box-shadow: none; }
.calendar .fc .fc-button:disabled { opacity: 0.5; }
.calendar .fc .fc-button.fc-button-active { background: var(--brand-soft);
  color: var(--brand-ink); border-color: var(--brand-ink); }
.calendar .fc .fc-button-group { gap: 4px; }
.calendar .fc .fc-button-group > .fc-button { border-radius: 10px; }
.calendar .fc .fc-event { border-radius: 6px; cursor: pointer; overflow: hidden; }
.calendar .fc .fc-timegrid-event .fc-event-main { padding: 3px 6px; }
.calendar .fc .fc-daygrid-event .fc-event-time { flex: none; }
@media (max-width: 1023px) { .calendar .fc .fc-daygrid-event .fc-event-time { display: none; } }
.calendar .fc .fc-col-header-cell-cushion, .calendar .fc .fc-daygrid-day-number {
  padding: 8px 4px; color: var(--muted); font-weight: 500; }
.calendar .fc .fc-timegrid-slot { height: 28px; }
.calendar .fc .fc-timegrid-slot-label-cushion, .calendar .fc .fc-timegrid-axis-cushion {
  color: var(--muted); font-size: 12px; }
@keyframes breathe { 50% { opacity: 0.5; } }
@keyframes enter { from { opacity: 0; transform: translateY(4px) scale(0.99); } }
@keyframes enter-left { from { transform: translateX(-24px); opacity: 0; } }
@keyframes enter-up { from { transform: translateY(24px); opacity: 0; } }
@keyframes lapse { to { opacity: 0; } }
@keyframes spin { to { transform: rotate(360deg); } }
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation-duration: 1ms !important;
    animation-iteration-count: 1 !important; transition-duration: 1ms !important;
    scroll-behavior: auto !important; }
}
.lapse { animation: lapse 7s linear !important; }
@media print {
  body:has(.printed) * { visibility: hidden; }
  body:has(.printed) .printed, body:has(.printed) .printed * {
    visibility: visible; color: black; background: white; }
  .printed { position: absolute; inset: 0 auto auto 0; }
}
"""


def faces() -> list[str]:
    """The @font-face rules; a browser fetches a file for the first of its characters on a page."""
    return [
        f'@font-face {{ font-family: "{family}"; src: url("{url}") format("woff2"); '
        f"font-weight: {weights}; font-style: normal; font-display: swap; "
        f"unicode-range: {characters}; }}"
        for family, url, weights, characters in FONTS
    ]


def _variables(side: int) -> str:
    lines = [f"--{name}: oklch({pair[side]});" for name, pair in COLOURS.items()]
    lines += [f"--overlay: oklch({OVERLAY[side]});", f"--float: {FLOAT[side]};"]
    lines += [f"--hue-ground: {HUE[side][0]};", f"--hue-ink: {HUE[side][1]};"]
    return " ".join(lines)


def css() -> str:
    """The whole hand-kept style sheet: faces, variables of both themes, and the ground rules."""
    fonts = (
        '--font-text: "Inter", ui-sans-serif, system-ui, sans-serif; '
        '--font-display: "Fraunces", ui-serif, Georgia, serif;'
    )
    return "\n".join(
        [
            *faces(),
            f":root {{ {fonts} }}",
            # a part of a page may have the other theme than the page
            f":root, .light {{ {_variables(0)} }}",
            f".dark {{ {_variables(1)} }}",
            BASE,
        ]
    )


def theme() -> dict[str, Any]:
    """Tailwind's theme: our names instead of its palette, so that a stray `gray-500` is nothing."""
    return {
        "colors": {
            "transparent": "transparent",
            "current": "currentColor",
            "overlay": "var(--overlay)",
            **{name: f"var(--{name})" for name in COLOURS},
        },
        "fontSize": {name: [f"{size}px", f"{leading}px"] for name, (size, leading) in TYPE.items()},
        "extend": {
            "fontFamily": {"sans": ["var(--font-text)"]},
            "borderRadius": {"card": "14px", "control": "10px"},
            "boxShadow": {"float": "var(--float)"},
            "maxWidth": {"page": "1120px", "form": "480px", "read": "68ch"},
            "transitionDuration": {"DEFAULT": "150ms"},
        },
    }
