import subprocess
import sys

from loom_app.kit.settings import ROOT

START = """
import sys, pathlib
from sqlalchemy import create_engine, text
from loom_app.kit.db.embedded import embedded_url
url = embedded_url(pathlib.Path(sys.argv[1]) / "postgres", durable=False)
engine = create_engine(url)
with engine.connect() as connection:
    print(connection.scalar(text("SELECT 40 + 2")))
"""


def test_two_first_starts_at_once_share_one_server(folder):
    starts = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", START, str(folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    ends = [start.communicate(timeout=60) for start in starts]
    assert [out.strip() for out, _ in ends] == ["42"] * 3, [error[-500:] for _, error in ends]
