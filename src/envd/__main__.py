"""`python -m envd`."""

import sys

from envd.cli.main import main

sys.exit(main())
