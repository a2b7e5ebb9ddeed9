"""Tax, gifts, inventions, posts, training, patrols, and the applicant's own choice between items."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.facts.base import About, Day, Fact, Fen, Measured, Minutes, PlainText, Sealed, SpellId
from domain.facts.merit import LevelName, SchemeName
from domain.places import PlaceCode

Holders = Annotated[int, Field(ge=1, le=999)]


class TaxPaid(Fact):
    """投资纳税: one payment of tax. Sensitive: the amount is sealed. `receipt` is the source's own number of it."""

    about: ClassVar[About] = About(zh="投资纳税", key=("tax", "paid_on", "receipt"), sensitive=True)
    kind: Literal["tax-paid.v1"] = "tax-paid.v1"
    paid_on: Day
    place: PlaceCode
    receipt: SpellId
    tax: Literal["income", "business"] = "income"
    fen: Sealed[Fen]

    def measured(self) -> Measured:
        """Give fen on the day of payment."""
        return Measured(
            "tax-paid", self.paid_on, place=self.place, variant=self.tax, quantity=self.fen, spell=self.receipt
        )


class DonationMade(Fact):
    """无偿捐献: money, goods, marrow, an organ or tissue, given. Sensitive: what it was and what it is worth."""

    about: ClassVar[About] = About(zh="无偿捐献", key=("gift", "given_on", "receipt"), sensitive=True)
    kind: Literal["donation-made.v1"] = "donation-made.v1"
    place: PlaceCode
    receipt: SpellId
    given_on: Day
    gift: Sealed[Literal["money", "goods", "marrow", "organ", "tissue"]]
    fen: Sealed[Fen | None] = None

    def measured(self) -> Measured:
        """Give fen where the gift has a worth in money, on the day."""
        return Measured(
            "donation-made",
            self.given_on,
            place=self.place,
            variant=self.gift,
            quantity=self.fen,
            spell=self.receipt,
        )


class PatentGranted(Fact):
    """发明创造: a patent granted to the resident, alone or with others; `order` 1 is the first holder."""

    about: ClassVar[About] = About(zh="发明创造", key=("level", "patent"))
    kind: Literal["patent-granted.v1"] = "patent-granted.v1"
    granted_on: Day
    level: Literal["invention", "utility", "design"]
    patent: SpellId
    holders: Holders = 1
    order: Holders = 1

    def measured(self) -> Measured:
        """Give the number of holders; the first holder is marked `first`."""
        return Measured(
            "patent-granted",
            self.granted_on,
            level=self.level,
            quantity=self.holders,
            mark="first" if self.order == 1 else "other",
            spell=self.patent,
        )


class PostHeld(Fact):
    """担任岗位: a post held from this day on: sanitation worker 环卫, delegate 代表, grid worker 网格员, ..."""

    about: ClassVar[About] = About(zh="担任岗位", key=("spell",), opens="post")
    kind: Literal["post-held.v1"] = "post-held.v1"
    started_on: Day
    until: Day | None = None
    place: PlaceCode
    spell: SpellId
    post: LevelName

    def measured(self) -> Measured:
        """Give the days in the post."""
        return Measured(
            "post-held", self.started_on, self.until, place=self.place, variant=self.post, spell=self.spell
        )


class PostEnded(Fact):
    """离任岗位: the post was left; this day is the first without it."""

    about: ClassVar[About] = About(zh="离任岗位", key=("spell", "ended_on"), closes="post")
    kind: Literal["post-ended.v1"] = "post-ended.v1"
    ended_on: Day
    place: PlaceCode
    spell: SpellId

    def measured(self) -> Measured:
        """End the spell on `starts_on`."""
        return Measured("post-ended", self.ended_on, place=self.place, spell=self.spell)


class TrainingAttended(Fact):
    """参加培训: one session of training (safety 安全, law 法律, skill 技能) attended."""

    about: ClassVar[About] = About(zh="参加培训", key=("course", "attended_on", "place", "session"))
    kind: Literal["training-attended.v1"] = "training-attended.v1"
    attended_on: Day
    place: PlaceCode
    course: LevelName
    minutes: Minutes
    session: PlainText = "general"

    def measured(self) -> Measured:
        """Give minutes on the day; `act` is the session."""
        return Measured(
            "training-attended",
            self.attended_on,
            place=self.place,
            variant=self.course,
            quantity=self.minutes,
            act=self.session,
        )


class PatrolAttended(Fact):
    """群防群治: one safety patrol walked."""

    about: ClassVar[About] = About(zh="群防群治", key=("attended_on", "place", "team"))
    kind: Literal["patrol-attended.v1"] = "patrol-attended.v1"
    attended_on: Day
    place: PlaceCode
    minutes: Minutes
    team: PlainText = "general"

    def measured(self) -> Measured:
        """Give minutes on the day; `act` is the team."""
        return Measured("patrol-attended", self.attended_on, place=self.place, quantity=self.minutes, act=self.team)


class ItemElected(Fact):
    """指标选择: of a group of items of which one counts, the applicant chose this one."""

    about: ClassVar[About] = About(zh="指标选择", key=("doc", "group", "item", "elected_on"))
    kind: Literal["item-elected.v1"] = "item-elected.v1"
    doc: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,59}$")]
    group: SchemeName
    item: SchemeName
    elected_on: Day

    def measured(self) -> Measured:
        """Give document and group as `variant`, the chosen item as `level`."""
        return Measured("item-elected", self.elected_on, variant=f"{self.doc}/{self.group}", level=self.item)
