"""Write the golden entries that are missing, and the vectors of docs/entry-format.md from all of them."""

import sys

from tests.ledger.golden import missing, text_of
from tests.ledger.golden.page import PAGE, page_with_vectors


def main() -> None:
    """Add; never overwrite."""
    for path, entry in list(missing()):
        path.write_text(text_of(entry), encoding="utf-8")
        sys.stdout.write(f"wrote {path.name}\n")
    PAGE.write_text(page_with_vectors(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
