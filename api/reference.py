"""Write the generated pages: docs/facts.md and docs/schemas. `make docs` runs it; tests compare."""

import json
from pathlib import Path

from domain.facts import ALL
from domain.facts.reference import page, schema

DOCS = Path(__file__).parent.parent / "docs"


def pages() -> dict[Path, str]:
    """Give every generated file with its text."""
    made = {DOCS / "facts.md": page()}
    for fact in ALL:
        text = json.dumps(schema(fact), ensure_ascii=False, indent=1) + "\n"
        made[DOCS / "schemas" / f"{fact.topic()}.json"] = text
    return made


def main() -> None:
    """Write them all."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
