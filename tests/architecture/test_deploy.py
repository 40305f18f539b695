"""Dashboards, alert rules, the image and the compose file name what there is."""

import json
import re

from loom_app.cli import build
from loom_app.kit.metrics import REGISTRY
from loom_app.kit.settings import ROOT, Settings

NAME = re.compile(r"\b((?:loom|process)_[a-z_]+)")
# what Prometheus makes of a figure's name
ENDS = ("_bucket", "_count", "_sum", "_total", "")


def figures() -> set[str]:
    return {f"{one.name}{end}" for one in REGISTRY.collect() for end in ENDS}


def test_alerts_and_dashboards_name_figures_that_are_there():
    rules = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text()
    asked = set(NAME.findall("\n".join(line for line in rules.splitlines() if "todo:" not in line)))
    board = json.loads((ROOT / "deploy" / "grafana" / "loom.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            asked |= set(NAME.findall(target["expr"]))
    assert len(asked) > 8
    assert asked <= figures()


def test_the_image_holds_what_its_pages_are_built_from_and_no_secret():
    """Else `serve` would find them out of date there, and build them anew at each start."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    built_from = {path.relative_to(ROOT).parts[0] for path in build._inputs()}
    assert built_from <= let_in
    assert not {".env", ".git", ".loom", ".venv", "tests", "deploy"} & let_in


def test_every_setting_that_the_deployment_names_is_one():
    known = {
        str(field.validation_alias or f"LOOM_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }
    named: set[str] = set()
    for file in ("compose.yml", "Dockerfile"):
        words = (ROOT / "deploy" / file).read_text()
        named |= set(re.findall(r"\b(LOOM_[A-Z_]+|[A-Z]+_URL)\b", words))
    example = (ROOT / "deploy" / "loom.env.example").read_text()
    named |= set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    of_compose = {"LOOM_IMAGE", "LOOM_DOMAIN", "LOOM_OWNER_PASSWORD", "LOOM_SERVER_PASSWORD"}
    of_caddy = {"LOOM_SITE", "LOOM_UPSTREAMS"}
    assert {"LOOM_DRAIN_SECONDS", "LOOM_MIGRATE", "DATABASE_URL"} < named
    assert named - of_compose - of_caddy <= known
