"""Run a program that ends when whoever started it ends, however that was: `python tether.py PROGRAM ARGUMENTS`.

Whoever starts it holds the other end of its input and never writes. When that closes, the program's whole group of
processes is told to stop, and stopped. It must lead a group of its own.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

STOPS_WITHIN = 10.0


def main() -> int:
    """Run the program and give its exit code."""
    # Ours is to outlive the group until the last of it is gone: what is sent to the group is for the others.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: None)
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_hold, args=[program], daemon=True).start()
    return program.wait()


def _hold(program: subprocess.Popen[bytes]) -> None:
    """Wait until the other end is gone, then end the group."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    with suppress(ProcessLookupError):
        os.killpg(0, signal.SIGTERM)
    ends = time.monotonic() + STOPS_WITHIN
    while time.monotonic() < ends and program.poll() is None:
        time.sleep(0.1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
