"""Programmes and trials of moves from files alone: no ledger, no database, both tongues, programs too."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from api.cli.output import Exit

HOUSE = Path(__file__).parents[2]
PROGRAMMES, RULEBOOKS = str(HOUSE / "programmes"), str(HOUSE / "rulebooks")
PERMIT = {"kind": "permit-issued", "on": "2022-01-10", "place": "330282", "permit": "P1"}
CONTRACT = {"kind": "employment-started", "started_on": "2022-03-01", "place": "330282", "spell": "E1"}
HOLDER = {
    "subject": "a",
    "born_on": "1990-01-01",
    "sex": "male",
    "zone": "centre",
    "points": 45,
    "facts": [PERMIT, CONTRACT],
}


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    def say(*arguments: str) -> tuple[int, str, Any]:
        code = run(list(arguments))
        captured = capsys.readouterr()
        told = json.loads(captured.out) if "--json" in arguments and captured.out else None
        return code, captured.out + captured.err, told

    return say


@pytest.fixture
def applicants(tmp_path: Path) -> Any:
    def write(*lines: dict[str, Any]) -> str:
        path = tmp_path / "applicants.ndjson"
        path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
        return str(path)

    return write


def evaluate(said: Any, facts: str, *more: str) -> tuple[int, str, Any]:
    where = ("--programmes", PROGRAMMES, "--facts", facts, "--as-of", "2022-06-20", *more)
    found: tuple[int, str, Any] = said("--lang", "zh", "programme", "evaluate", "cx.rental", *where)
    return found


def test_the_shipped_programmes_pass_their_check(said: Any) -> None:
    code, _, told = said("programme", "check", PROGRAMMES, "--json")

    assert (code, told["problems"]) == (Exit.DONE, [])


def test_programmes_are_listed_and_shown(said: Any) -> None:
    assert "cx.school" in said("programme", "list", PROGRAMMES)[1]
    assert "每户家庭只能享受一次" in said("programme", "show", f"{PROGRAMMES}/330282/2022-06-14.rental.yaml")[1]
    assert len(said("programme", "show", PROGRAMMES, "--json")[2]["programmes"]) > 20


def test_an_applicant_is_told_conditions_and_money(said: Any, applicants: Any) -> None:
    code, text, _ = evaluate(said, applicants(HOLDER))

    assert (code, "每月 317.00 元,2022-04 – 2025-03" in text) == (Exit.DONE, True)


def test_a_program_gets_the_ranking_and_the_grants(said: Any, applicants: Any) -> None:
    other = {**HOLDER, "subject": "b", "points": 44.99}
    _, _, told = evaluate(said, applicants(other, HOLDER), "--places", "1", "--json")

    assert [(r["application"], r["outcome"]) for r in told["ranking"]["ranked"]] == [("a", "in"), ("b", "out")]
    assert told["applicants"][1]["grant"]["fen_per_month"] == 31_700


def test_a_draw_decides_when_its_seed_is_known(said: Any, applicants: Any) -> None:
    facts = applicants(*({**HOLDER, "subject": name} for name in ("a", "b", "c")))

    def outcomes(*more: str) -> list[str]:
        _, _, told = said(
            *("programme", "evaluate", "cx.films", "--programmes", PROGRAMMES, "--facts", facts),
            *("--as-of", "2022-06-20", "--places", "2", "--json", *more),
        )
        return sorted(each["outcome"] for each in told["ranking"]["ranked"])

    assert outcomes() == ["awaits_draw"] * 3
    assert outcomes("--seed", "2022135") == ["in", "in", "out"]


def test_a_line_that_cannot_be_read_is_named_and_the_others_go_on(said: Any, applicants: Any) -> None:
    code, text, _ = evaluate(said, applicants({"subject": "x", "sex": "m"}, HOLDER))

    assert (code, ":1: " in text, "317.00" in text) == (Exit.INCOMPLETE, True, True)


@pytest.mark.parametrize("name", ["cx.nothing", "rental"])
def test_a_name_that_is_none_or_several_is_refused(said: Any, applicants: Any, name: str) -> None:
    code, text, _ = said("programme", "evaluate", name, "--programmes", PROGRAMMES, "--facts", applicants(HOLDER))

    assert (code, "Traceback" in text) == (Exit.USAGE, False)


def test_a_programme_that_is_not_sound_is_not_evaluated(said: Any, applicants: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("doc: cx.rental\nprogramme: rental\n", encoding="utf-8")
    code, text, _ = said(
        "programme", "evaluate", "cx.rental", "--programmes", str(bad), "--facts", applicants(HOLDER)
    )

    assert (code, "bad.yaml:1:" in text) == (Exit.WRONG, True)


RESIDENT = {"subject": "r", "born_on": "1990-01-01", "facts": [{**PERMIT, "place": "330213"}]}


def test_a_resident_sees_what_counts_where(said: Any, applicants: Any) -> None:
    where = ("--rulebooks", RULEBOOKS, "--facts", applicants(RESIDENT), "--as-of", "2022-06-20")
    _, text, _ = said("--lang", "zh", "move-trial", *where)
    _, _, told = said("move-trial", *where, "--json")

    assert ("奉化区(居住证所在地)" in text, "试算" in text) == (True, True)
    assert [each["basis"] for each in told["residents"][0]["places"][:2]] == ["official", "trial"]


def test_a_move_is_tried_and_bad_lines_and_places_are_named(said: Any, applicants: Any) -> None:
    facts = applicants(RESIDENT, {"subject": "homeless"})
    where = ("--rulebooks", RULEBOOKS, "--facts", facts, "--as-of", "2022-06-20")
    code, text, _ = said("--lang", "en", "move-trial", *where, "--to", "330212")

    assert (code, "A trial: a move" in text, ":2: place" in text) == (Exit.INCOMPLETE, True, True)
    assert said("move-trial", *where, "--to", "12")[0] == Exit.USAGE
