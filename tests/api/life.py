"""One life that several tests read: a few months of insurance, one of them voided, and a permit that came late."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.api.house import House, event, month, person

WHO = person(950)
PAID = ("2025-01", "2025-02", "2025-03")


@dataclass(frozen=True)
class Life:
    """Somebody with a few months of insurance, a certificate that was voided, and where each stands."""

    subject: str
    positions: list[int]

    @property
    def actor(self) -> str:
        return f"resident:{self.subject}"

    def path(self, noun: str, **asked: Any) -> str:
        query = "&".join(f"{name}={quote(str(value))}" for name, value in asked.items())
        return f"/v1/residents/{self.subject}/{noun}?{query}"


def lived(home: House) -> Life:
    """Three months, then a void of the second, then a permit that came late."""
    told = [home.post(month(f"life-{paid}", WHO, month=paid, payer="某某有限公司")).json() for paid in PAID]
    void = event("life-void", "fact-voided.v1", {"reason": "source-error", "person": WHO}, refersto="life-2025-02")
    permit = {"permit": "P-1", "on": "2025-12-01", "place": "330212", "person": WHO}
    told += [home.post(void).json(), home.post(event("life-permit", "permit-issued.v1", permit)).json()]
    home.catch_up()
    return Life(told[0]["stream"], [one["position"] for one in told])
