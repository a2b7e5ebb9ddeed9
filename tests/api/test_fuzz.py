"""Whatever strangers send, by a grammar of our own over the described addresses: no 5xx, and no leak."""

import json
from collections.abc import Callable
from string import Formatter
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.canary import CANARIES, CANARY, NAME, NUMBER, PAYER, is_a_problem, sent
from tests.api.house import BATCH, HRSS, STRUCTURED, House, fresh, month
from tests.api.school_round import AUTHORITY, Town, certified

pytestmark = pytest.mark.usefixtures("said")

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "\x00",
            "2025-03",
            "330212",
            NUMBER,
            NAME,
            "1e400",
            "-1",
            str(2**63),
            "null",
            "٣",
            "../..",
            "%",
            "'",
            "\u202e",
        ]
    ),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.floats(allow_nan=True, allow_infinity=True),
    TEXTS,
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
CHANGES = st.tuples(
    st.sampled_from(
        [
            "id",
            "source",
            "type",
            "specversion",
            "subject",
            "time",
            "refersto",
            "legalbasis",
            "data",
            "person",
            "month",
        ]
    ),
    VALUES,
)


def changed(changes: list[tuple[str, Any]]) -> dict[str, Any]:
    made = month("fuzz", {**CANARY}, payer=PAYER)
    for name, value in changes:
        place = made["data"] if name in {"person", "month"} and isinstance(made["data"], dict) else made
        place[name] = value
    return made


fuzzed: Callable[[Any], Any] = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzzed
@given(changes=st.lists(CHANGES, min_size=1, max_size=3), batch=st.booleans())
def test_any_event_is_taken_or_refused_and_what_is_refused_stores_nothing(
    home: House, changes: list[tuple[str, Any]], *, batch: bool
) -> None:
    made, before = changed(changes), home.entries()
    body = json.dumps([made, made] if batch else made).encode()
    told = sent(home, body, BATCH if batch else STRUCTURED)

    assert told.status_code < 500
    if told.status_code >= 400:
        is_a_problem(told)
        assert home.entries() == before
    assert not [canary for canary in CANARIES if canary in told.text]


@fuzzed
@given(body=st.binary(max_size=60), kind=st.sampled_from([STRUCTURED, BATCH, "application/json", "text/plain"]))
def test_any_bytes_are_refused(home: House, body: bytes, kind: str) -> None:
    told = sent(home, body, kind)

    assert 200 <= told.status_code < 500


@pytest.fixture(scope="session")
def described(home: House) -> list[tuple[str, list[str]]]:
    """Every address that is read from, with the names of its parameters."""
    paths = home.get("/openapi.json").json()["paths"]
    return [
        (path, [one["name"] for one in methods["get"].get("parameters", []) if one["in"] == "query"])
        for path, methods in paths.items()
        if "get" in methods
    ]


@fuzzed
@given(pick=st.data())
def test_any_question_is_answered_or_refused(
    home: House,
    described: list[tuple[str, list[str]]],
    contested: dict[str, st.SearchStrategy[str]],
    pick: st.DataObject,
) -> None:
    path, names = pick.draw(st.sampled_from(described))
    asked = pick.draw(st.lists(st.tuples(st.sampled_from([*names, "x"]), TEXTS), max_size=3))
    filled = address(pick, path, contested)
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked)
    actor = pick.draw(
        st.sampled_from(
            [
                *("auditor", f"organ:{HRSS}", "policy:p-1", "officer:o-1"),
                "resident:" + "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
            ]
        )
    )
    told = home.get(f"{filled}?{query}", actor)

    assert told.status_code < 500 or told.json()["code"] == "projection-behind"
    if told.status_code >= 400:
        is_a_problem(told)


@pytest.fixture(scope="session")
def contested(home: House) -> dict[str, st.SearchStrategy[str]]:
    """Somebody with a dispute: what stands in an address now and then, in the place of anything."""
    who = home.subject(fresh())
    told = Town(home.desk, said=50_000)
    told.says(who, certified(500_000))
    home.catch_up()
    contention = {"dispute": "D-1", "item": "zj.common/insurance", "place": AUTHORITY, "says": "no-data"}
    opened = home.client.post(
        f"/v1/residents/{who}/disputes",
        json={**contention, "year": 2025, "months": ["2023-12"]},
        headers=home.headers(f"resident:{who}"),
    )
    assert opened.status_code == 201, opened.text
    own = st.just(f"resident:{who}")
    return {"subject": TEXTS | st.just(str(who)), "number": TEXTS | st.just("D-1"), "own": own}


def address(pick: st.DataObject, path: str, known: dict[str, st.SearchStrategy[str]]) -> str:
    """Fill the places of an address: with anything, and now and then with what is there."""
    places = [place for _, place, _, _ in Formatter().parse(path) if place]
    return path.format(**{place: quote(pick.draw(known.get(place, TEXTS)), safe="") for place in places})


FIELDS = (
    "round",
    "programme",
    "application",
    "subject",
    "item",
    "payment",
    "reason",
    "on",
    "seed",
    "document",
    *("dispute", "place", "says", "year", "months", "digest", "media_type", "size", "check", "organ"),
    *("cites", "outcome", "department", "to", "body", "decision"),
    *("claim", "asks", "answer", "points", "due_on", "valid_to", "barred_until", "basis", "evidence"),
    *("opens_on", "closes_on", "counted_on", "opt_in"),
    *("party", "at_least", "days", "code"),
    "x",
)
PLAUSIBLE = st.sampled_from(
    ["maintained", "corrected", "upheld", "court", "redo", HRSS, "C-1", "经核对", [1], "ab" * 32, 7, "image/png"]
)
SENT = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS), VALUES | PLAUSIBLE, max_size=4).map(
        lambda made: json.dumps(made).encode()
    ),
    st.binary(max_size=40),
)


@pytest.fixture(scope="session")
def acts(home: House) -> list[str]:
    """Every address of an act of the office."""
    paths = home.get("/openapi.json").json()["paths"]
    return [path for path, methods in paths.items() if "post" in methods and path != "/v1/events"]


@fuzzed
@given(pick=st.data(), body=SENT, kind=st.sampled_from(["application/json", "application/json;x=1", "text/plain"]))
def test_any_act_is_done_or_refused_and_what_is_refused_stores_nothing(
    home: House,
    acts: list[str],
    contested: dict[str, st.SearchStrategy[str]],
    pick: st.DataObject,
    body: bytes,
    kind: str,
) -> None:
    of_disputes = [path for path in acts if "{subject}" in path]
    filled = address(pick, pick.draw(st.sampled_from(acts) | st.sampled_from(of_disputes)), contested)
    nobody = "resident:" + "0" * 8 + "-0000" * 3 + "-" + "0" * 12
    actor = pick.draw(st.sampled_from([f"organ:{HRSS}", "policy:p-1", "officer:o-1", nobody]) | contested["own"])
    before = home.entries()
    told = home.client.post(filled, content=body, headers={**home.headers(actor), "Content-Type": kind})

    assert told.status_code < 500 or told.json()["code"] == "projection-behind"
    if told.status_code >= 400:
        is_a_problem(told)
        assert home.entries() == before
