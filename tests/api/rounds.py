"""What tests of rounds over HTTP have in common: a round opened, families that file, calls made at one moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from tests.api.office import DISTRICT, Called
from tests.api.school_round import TOWN

WINDOW = {"opens_on": "2025-05-01", "closes_on": "2025-05-20"}
ORGAN = f"organ:{DISTRICT}"


def opened(office: Called, name: str, programme: str = "cx.school", **window: str) -> str:
    """Open a round; give its address."""
    office.post("/v1/rounds", {"round": name, "programme": programme, **(window or WINDOW)})
    return f"/v1/rounds/{name}"


NUMBERS = iter(range(1, 900))


def family(office: Called, points_e4: int = 600_000) -> str:
    """Give a child whom no other test knows."""
    return office.town.family(next(NUMBERS), points_e4)


def filed(office: Called, at: str, number: str, subject: str, **more: Any) -> None:
    office.post(
        f"{at}/applications",
        {"application": number, "subject": subject, "town": TOWN, "on": "2025-05-10", **more},
    )


def offers(office: Called, at: str, on: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = office.post(f"{at}/offers", {"answer_by": "2025-06-20", "on": on}, status=200)[
        "offered"
    ]
    return told


def at_once(office: Called, *calls: tuple[str, dict[str, Any]]) -> list[tuple[int, str]]:
    """Make calls in threads of their own; give each one's status and code, in their order."""
    gate = Barrier(len(calls))

    def call(path: str, body: dict[str, Any]) -> tuple[int, str]:
        headers = office.home.headers(ORGAN)
        gate.wait()
        told = office.home.client.post(path, json=body, headers=headers)
        return told.status_code, str(told.json().get("code", ""))

    with ThreadPoolExecutor(len(calls)) as pool:
        return [found.result() for found in [pool.submit(call, *each) for each in calls]]
