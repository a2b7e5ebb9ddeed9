"""Social insurance, employment and housing."""

from typing import ClassVar, Literal

from domain.civil import first_day, month_of
from domain.facts.base import About, BasisPoints, Day, Fact, Fen, Measured, Month, Sealed, SpellId, Standing, Text
from domain.places import PlaceCode

Insurance = Literal["pension", "medical", "unemployment", "injury", "maternity", "housing-fund"]


class InsuranceMonthPaid(Fact):
    """缴纳社保: one month of one insurance paid for the resident in one place."""

    about: ClassVar[About] = About(zh="缴纳社保", key=("insurance", "month", "place"))
    kind: Literal["insurance-month-paid.v1"] = "insurance-month-paid.v1"
    month: Month
    place: PlaceCode
    insurance: Insurance = "pension"
    insured_as: Literal["employee", "flexible", "resident"] = "employee"
    standing: Standing = "normal"
    paid_on: Day | None = None
    base_fen: Sealed[Fen | None] = None
    payer: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Give the month as [its first day, the next month's first day)."""
        index = month_of(self.month)
        return Measured(
            "insurance-month-paid",
            first_day(index),
            first_day(index + 1),
            place=self.place,
            variant=self.insurance,
            quantity=1,
            level=self.insured_as,
            mark=self.standing,
        )


class InsuranceMonthRefunded(Fact):
    """社保退费: a month that was paid, refunded: from `refunded_on` on it counts no more."""

    about: ClassVar[About] = About(zh="社保退费", key=("insurance", "month", "place"))
    kind: Literal["insurance-month-refunded.v1"] = "insurance-month-refunded.v1"
    month: Month
    place: PlaceCode
    insurance: Insurance = "pension"
    refunded_on: Day

    def measured(self) -> Measured:
        """Give the month by its first day, and the day of the refund as `effective_on`."""
        return Measured(
            "insurance-month-refunded",
            first_day(month_of(self.month)),
            place=self.place,
            variant=self.insurance,
            effective_on=self.refunded_on,
        )


class EmploymentStarted(Fact):
    """就业登记: a labour or farming contract, or a business licence, from this day on."""

    about: ClassVar[About] = About(zh="就业登记", key=("spell",), opens="employment")
    kind: Literal["employment-started.v1"] = "employment-started.v1"
    started_on: Day
    until: Day | None = None
    place: PlaceCode
    spell: SpellId
    basis: Literal["labour-contract", "business-licence", "farming-contract"] = "labour-contract"
    employer: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Give the contract's days."""
        return Measured(
            "employment-started",
            self.started_on,
            self.until,
            place=self.place,
            variant=self.basis,
            spell=self.spell,
        )


class EmploymentEnded(Fact):
    """就业终止: the contract or licence ended; this day is the first without it."""

    about: ClassVar[About] = About(zh="就业终止", key=("spell", "ended_on"), closes="employment")
    kind: Literal["employment-ended.v1"] = "employment-ended.v1"
    ended_on: Day
    place: PlaceCode
    spell: SpellId

    def measured(self) -> Measured:
        """End the spell on `starts_on`."""
        return Measured("employment-ended", self.ended_on, place=self.place, spell=self.spell)


class HousingStarted(Fact):
    """住房: an own home, a tenancy or a dormitory from this day on."""

    about: ClassVar[About] = About(zh="住房", key=("spell",), opens="housing")
    kind: Literal["housing-started.v1"] = "housing-started.v1"
    started_on: Day
    until: Day | None = None
    place: PlaceCode
    spell: SpellId
    tenure: Literal["own", "rent", "dormitory"]
    share: BasisPoints = 10_000
    address: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Give the days of the tenure; `level` is the tenure, `quantity` the share in 1/100 %."""
        return Measured(
            "housing-started",
            self.started_on,
            self.until,
            place=self.place,
            level=self.tenure,
            quantity=self.share,
            spell=self.spell,
        )


class HousingEnded(Fact):
    """住房终止: the home was given up; this day is the first without it."""

    about: ClassVar[About] = About(zh="住房终止", key=("spell", "ended_on"), closes="housing")
    kind: Literal["housing-ended.v1"] = "housing-ended.v1"
    ended_on: Day
    place: PlaceCode
    spell: SpellId

    def measured(self) -> Measured:
        """End the spell on `starts_on`."""
        return Measured("housing-ended", self.ended_on, place=self.place, spell=self.spell)
