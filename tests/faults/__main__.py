"""`python -m tests.faults NAME [...]`: one of the long fault runs, by its name."""

import sys
from importlib import import_module

NAMES = ("erase", "tamper")


def main() -> int:
    """Read the name; the rest is the run's own."""
    words = sys.argv[1:]
    if not words or words[0] not in NAMES:
        print(f"python -m tests.faults {'|'.join(NAMES)} [...]", file=sys.stderr)  # noqa: T201 - its answer
        return 3
    return int(import_module(f"tests.faults.{words[0]}").main(words[1:]))


if __name__ == "__main__":
    sys.exit(main())
