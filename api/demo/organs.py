"""The departments of the demo and what each may say."""

from dataclasses import dataclass
from datetime import date

from domain.facts import OrganGranted

SINCE = date(2021, 9, 8)
"""In force of 甬政办发〔2021〕57号, the pilot that joined these sources."""
BASIS = "甬政办发〔2021〕57号"


@dataclass(frozen=True, slots=True)
class Organ:
    """One department: its local id, its name, the kinds it may send, and for which places."""

    organ: str
    zh: str
    kinds: tuple[str, ...]
    prefix: str = "3302"

    def grants(self) -> list[OrganGranted]:
        """Give its grants as facts."""
        return [
            OrganGranted(organ=self.organ, fact_kind=kind, place_prefix=self.prefix, valid_from=SINCE, basis=BASIS)
            for kind in self.kinds
        ]


HRSS = "nb-hrss"
POLICE = "nb-police"
HOUSING = "nb-housing"
EDUCATION = "nb-edu"
VOLUNTEERS = "nb-volunteer"
BLOOD = "nb-blood"
MERIT = "nb-merit"
CREDIT = "nb-credit"
NEWCOMERS = "nb-newcomer"

DISTRICT_OFFICES = {
    "330213": "fenghua-newcomer",
    "330225": "xiangshan-newcomer",
    "330226": "ninghai-newcomer",
    "330282": "cixi-newcomer",
}
"""区(县、市)流动人口服务管理机构: who attests the local indicators."""

_PERMITS = ("permit-issued", "permit-endorsed", "permit-suspended", "permit-restored", "permit-ended")
ORGANS = (
    Organ(
        HRSS,
        "市人力资源和社会保障局",
        ("insurance-month-paid", "employment-started", "employment-ended", "skill-awarded", "attested"),
    ),
    Organ(
        POLICE,
        "市公安局",
        (
            "residence-registered",
            "residence-moved",
            "residence-ended",
            *_PERMITS,
            "particulars-corrected",
            "restricted-fact",
        ),
    ),
    Organ(HOUSING, "市住房和城乡建设局", ("housing-started", "housing-ended")),
    Organ(EDUCATION, "市教育局", ("education-awarded",)),
    Organ(VOLUNTEERS, "市志愿服务指导中心", ("volunteer-hours-served",)),
    Organ(BLOOD, "市中心血站", ("blood-donated",)),
    Organ(MERIT, "市表彰奖励办公室", ("honour-received",)),
    Organ(CREDIT, "市公共信用信息中心", ("restricted-fact",)),
    Organ(NEWCOMERS, "市流动人口服务管理中心", ("points-reinstatement-requested",)),
    *(Organ(office, "流动人口服务管理中心", ("attested",), place) for place, office in DISTRICT_OFFICES.items()),
)
