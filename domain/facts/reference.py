"""The facts as a page to read and as JSON Schema, both made from the classes themselves."""

from typing import Any

from domain.facts import ALL, Fact, Mark

BASE = "urn:points-ledger:fact:"


def schema(fact: type[Fact]) -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of one kind: `x-sealed` marks what is stored only as ciphertext."""
    made = fact.model_json_schema(mode="validation")
    for name, info in fact.model_fields.items():
        for mark in info.metadata:
            if isinstance(mark, Mark) and mark.sealed:
                made["properties"][name]["x-sealed"] = True
            elif isinstance(mark, Mark) and mark.unit:
                made["properties"][name]["x-unit"] = mark.unit
    about = fact.about
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": BASE + fact.topic(),
        **made,
        "x-term": about.zh,
        "x-stream": str(about.stream),
        "x-natural-key": list(about.key),
        "x-opens": about.opens,
        "x-closes": about.closes,
        "x-sensitive": about.sensitive,
    }


def page() -> str:
    """Write docs/facts.md."""
    parts = [_PREFACE]
    parts += [_section(fact) for fact in ALL]
    return "\n".join(parts)


_PREFACE = """# Facts 事实

Generated from the classes in `domain/facts` by `make docs`; a test compares. These shapes are the storage format:
a field is never renamed and never given a new meaning. *Sealed* fields are stored only as ciphertext. The natural
key says when two reports are the same fact; a kind without one needs the source's own id. A spell that one kind
*opens* is ended by the kind that *closes* the same word with the same `spell`. What stands in a stream `family` is
between two subjects and in neither's history; files and events name both as persons. JSON Schema of each kind:
`docs/schemas/KIND.json`.
"""


def _section(fact: type[Fact]) -> str:
    about, properties = fact.about, schema(fact)["properties"]
    words = [f"stream: {about.stream}"]
    words.append("natural key: " + (", ".join(f"`{name}`" for name in about.key) or "none"))
    words += [f"opens: {about.opens}"] if about.opens else []
    words += [f"closes: {about.closes}"] if about.closes else []
    words += ["ends the permit"] if about.ends_permit else []
    words += ["sensitive"] if about.sensitive else []
    words += ["names another entry (`refers_to`)"] if about.refers else []
    lines = [f"\n## {fact.topic()}\n", (fact.__doc__ or "").strip(), "", " · ".join(words), ""]
    rows = [_row(fact, name, properties[name]) for name in fact.model_fields if name != "kind"]
    lines += ["| field | type | unit | sealed | default |", "|---|---|---|---|---|", *rows]
    return "\n".join(line.rstrip() for line in lines)


def _row(fact: type[Fact], name: str, made: dict[str, Any]) -> str:
    info = fact.model_fields[name]
    default = "required" if info.is_required() else f"`{made.get('default')}`"
    sealed = "yes" if name in fact.sealed_fields() else ""
    return f"| `{name}` | {_type(made)} | {made.get('x-unit', '')} | {sealed} | {default} |"


def _type(made: dict[str, Any]) -> str:
    if "anyOf" in made:
        return " or ".join(_type(part) for part in made["anyOf"] if part.get("type") != "null")
    if "enum" in made:
        return ", ".join(f"`{value}`" for value in made["enum"])
    if "const" in made:
        return f"`{made['const']}`"
    if "oneOf" in made or "$ref" in made:
        return "a fact"
    kind = str(made.get("type", "any"))
    bounds = [f"{word} {made[key]}" for key, word in _BOUNDS if key in made]
    shape = [made["format"]] if "format" in made else []
    shape += ["`" + made["pattern"].replace("|", "\\|") + "`"] if "pattern" in made else []
    return " ".join([kind, *shape, *bounds])


_BOUNDS = (
    ("minimum", "≥"),
    ("exclusiveMinimum", ">"),
    ("maximum", "≤"),
    ("minLength", "length ≥"),
    ("maxLength", "length ≤"),
)
