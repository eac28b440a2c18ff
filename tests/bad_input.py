"""The table of bad inputs, by number. Run as a program it tries every row in this one process."""

import sys

import bad_arrays  # noqa: F401 - adds its rows
import bad_numbers  # noqa: F401 - adds its rows
from bad_calls import TABLE, check

if __name__ == "__main__":
    failures = 0
    for entry in TABLE:
        print(entry.id, flush=True)
        try:
            check(entry)
        except AssertionError:
            failures += 1
    print(f"{len(TABLE)} rows tried, {failures} failed")
    sys.exit(failures > 0)
