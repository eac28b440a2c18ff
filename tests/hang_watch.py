"""Where a test hangs: its traceback, after a while.

pytest's own watch starts and joins a thread for each test, which takes longer than most tests do.
"""

import faulthandler
import os
import sys
import time

HANG, RENEWAL = 300.0, 30.0  # seconds


class HangWatch:
    """One timer for many tests: it is set again at the start of a test, but not more often than RENEWAL says."""

    def __init__(self) -> None:
        self.stderr = os.dup(sys.__stderr__.fileno())  # before pytest captures it
        self.renewed = -RENEWAL

    def pytest_runtest_logstart(self) -> None:
        if time.monotonic() - self.renewed >= RENEWAL:
            self.renewed = time.monotonic()
            faulthandler.dump_traceback_later(HANG, file=self.stderr)

    def pytest_unconfigure(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        os.close(self.stderr)
