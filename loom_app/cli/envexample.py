"""`.env.example`, written from the settings themselves."""

from loom_app.kit.settings import ROOT, Settings


def example() -> str:
    """Every variable with what it means and its default."""
    lines = [
        "# Loom reads these from the environment or from a file named .env beside this one.",
        "# Nothing has to be set on a development machine. Setting LOOM_PUBLIC_URL makes a",
        "# production start, which refuses the sandbox, demo people and a missing key.",
        "",
    ]
    for field, info in Settings.model_fields.items():
        variable = info.validation_alias or f"LOOM_{field.upper()}"
        default = info.default
        shown = ".loom" if field == "data_dir" else str(default)
        shown = {"True": "true", "False": "false"}.get(shown, shown)
        lines += [f"# {info.description}", f"# {variable}={shown}", ""]
    return "\n".join(lines)


def main(_argv: list[str]) -> int:
    (ROOT / ".env.example").write_text(example())
    return 0
