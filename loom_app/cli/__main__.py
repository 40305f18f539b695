"""`python -m loom_app.cli <command>`."""

import sys

from loom_app.cli import main

sys.exit(main(sys.argv[1:]))
