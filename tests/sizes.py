"""How big the heavy proofs are: small in `make test`, full in `make prove`."""

import os

FULL = os.environ.get("LOOM_PROVE") == "full"
CROWD = 200 if FULL else 40
HISTORIES = 60 if FULL else 5
