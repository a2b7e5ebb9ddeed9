"""How programmes are told: in a list, and each with its conditions, order and what is given."""

from collections.abc import Sequence

from api.cli.output import Speaker
from domain.programme import Programme, ProgrammeDocument


def tell_list(voice: Speaker, documents: Sequence[ProgrammeDocument]) -> None:
    """Tell each with its authority, its days and how places go."""
    voice.table(
        voice.heads("document", "name", "authority", "from", "to", "order", "hash"),
        [
            (
                d.programme.doc,
                d.programme.label.text(voice.language),
                d.programme.authority,
                d.programme.effective.from_,
                d.programme.effective.to or "",
                _way(voice, d.programme),
                d.hash[:12],
            )
            for d in documents
        ],
    )
    voice.give(
        {
            "programmes": [
                {
                    "doc": d.programme.doc,
                    "programme": d.programme.programme,
                    "label": d.programme.label.model_dump(),
                    "authority": d.programme.authority,
                    "from": d.programme.effective.from_,
                    "to": d.programme.effective.to,
                    "ranked": d.programme.is_ranked,
                    "hash": d.hash,
                }
                for d in documents
            ]
        }
    )


def tell_documents(voice: Speaker, documents: Sequence[ProgrammeDocument]) -> None:
    """Tell each whole, with the clause of every row."""
    for document in documents:
        told = document.programme
        voice.say(f"{told.doc} {told.label.zh} · {told.label.en}")
        until = told.effective.to or "…"
        voice.say(f"  {told.authority} · {told.effective.from_} – {until} · {_way(voice, told)} · {document.hash}")
        voice.say(f"  {told.source}")
        rows: list[tuple[object, ...]] = [
            ("require", c.id, c.label.text(voice.language), c.clause, _mark(c.placeholder)) for c in told.require
        ]
        rows += [("exempt", e.id, e.label.text(voice.language), e.clause, "") for e in told.exempt]
        rows += [("tier", t.id, t.label.text(voice.language), t.clause, "") for t in told.tiers]
        if told.quota is not None:
            rows.append(("quota", told.quota.places, told.quota.ties_at_line, told.quota.clause, ""))
        for money in told.benefit.money if told.benefit else ():
            rows.append(
                ("money", money.id, money.label.text(voice.language), money.clause, _mark(money.placeholder))
            )
        if told.provisional is not None:
            lasts = voice.choose(f"{told.provisional.lasts} 个月", f"{told.provisional.lasts} months")
            rows.append(("provisional", "", lasts, told.provisional.clause, _mark(told.provisional.placeholder)))
        voice.table(["", "id", "name", "clause", ""], rows)
    voice.give({"programmes": [{"hash": d.hash, "document": d.tree} for d in documents]})


def _way(voice: Speaker, told: Programme) -> str:
    if told.is_ranked:
        return voice.choose("按名次", "by rank")
    return voice.choose("符合即可", "all who meet the conditions")


def _mark(placeholder: object) -> str:
    return "placeholder" if placeholder else ""
