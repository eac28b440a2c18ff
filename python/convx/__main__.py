"""``python -m convx``: the same as the command ``convx``."""

import sys

from convx.cli import main

if __name__ == "__main__":
    sys.exit(main())
