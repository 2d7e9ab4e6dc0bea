"""`python -m runyard.entrypoints.cli`, where `runyard` is not on the PATH."""

import sys

from .program import main

sys.exit(main())
