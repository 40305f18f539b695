"""`make test`: every check in turn, the cheapest first; stops at the first that fails.

`make cover` runs the same tests traced, which takes half as long again, and says what they miss.
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
ENV = {
    **os.environ,
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "PYRIGHT_PYTHON_GLOBAL_NODE": "1",
}

LINT = [
    ("format", ["ruff", "format", "--check", "--quiet", "."]),
    ("lint", ["ruff", "check", "--quiet", "."]),
    ("types", ["pyright"]),
    ("import rules", ["lint-imports", "--no-cache"]),
]
UNIT = ("tests", ["pytest", "-q", "-n", "2", "--durations=5"])
TRACED = ("tests, traced", [*UNIT[1], "--cov", "--cov-report=term:skip-covered"])
# a floor below what is met, since the tracer misses lines where SQLAlchemy switches greenlets
# (see pyproject.toml)
MONEY = (
    "coverage of money",
    [
        "coverage",
        "report",
        "--include=loom_app/domains/payments/*,loom_app/integrations/stripe/*",
        "--omit=*/sandbox/*",
        "--skip-covered",
        "--show-missing",
        "--fail-under=98",
    ],
)
# a file's journeys share a server and its people, so they stay together; the first of them waits
# for the pages to be built; the order is that of tests/e2e/conftest.py
TOGETHER = "-n 2 --dist loadfile --no-loadscope-reorder -o timeout_func_only=true"
BROWSER = (
    "browser journeys",
    shlex.split(f"pytest -q -o addopts= -m e2e {TOGETHER} --durations=10 tests/e2e"),
)


def step(name: str, command: list[str]) -> None:
    """Run one check; leave with its code if it fails."""
    print(f"\n== {name}", flush=True)
    started = time.monotonic()
    program = [str(BIN / command[0]), *command[1:]]
    done = subprocess.run(program, cwd=ROOT, env=ENV, check=False)
    print(f"   {time.monotonic() - started:.0f} s", flush=True)
    if done.returncode:
        print(f"\n{name} failed", flush=True)
        sys.exit(done.returncode)


def chromium() -> str:
    """The machine's Chromium; installed by whichever way the machine has."""
    names = ("chromium", "chromium-browser", "google-chrome")
    for name in names:
        if found := shutil.which(name):
            return found
    print("\n== installing Chromium", flush=True)
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)  # noqa: S607
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "chromium"],  # noqa: S607
            check=False,
            stdout=subprocess.DEVNULL,
        )
        for name in names:
            if found := shutil.which(name):
                return found
    subprocess.run([str(BIN / "playwright"), "install", "--with-deps", "chromium"], check=True)
    return ""


def main() -> None:
    for name, command in LINT:
        step(name, command)
    if "--lint" in sys.argv:
        return
    if "--cover" in sys.argv:
        step(*TRACED)
        step(*MONEY)
        return
    step(*UNIT)
    ENV["LOOM_CHROMIUM"] = chromium()
    step(*BROWSER)
    print("\nAll checks passed", flush=True)


if __name__ == "__main__":
    main()
