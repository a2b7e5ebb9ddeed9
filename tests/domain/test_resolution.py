"""Which documents are in force for (place, as of, as at): a pure question."""

from datetime import date

from domain.rulebook import Document, Published, read_tree, resolve
from tests.domain.given import CIXI, YINZHOU, library

OLD, NEW = date(2023, 1, 1), date(2024, 1, 1)
CITY = library().document("nb.common")
PROVINCE = library().document("zj.common")


def renamed(document: Document, doc: str, cap: int) -> Document:
    return read_tree({**document.tree, "doc": doc, "cap": cap})


FIRST, SECOND = renamed(CITY, "nb.test", 100), renamed(CITY, "nb.test", 120)


def caps(published: list[Published], on: date, as_at: int | None = None, place: str = YINZHOU) -> list[int]:
    return [int(d.rulebook.cap or 0) for d in resolve(published, place, on, as_at).documents]


def test_the_newest_version_that_has_begun_is_in_force() -> None:
    versions = [Published(FIRST, 1, OLD), Published(SECOND, 2, NEW)]

    assert [caps(versions, on) for on in (date(2022, 12, 31), OLD, date(2023, 12, 31), NEW)] == [
        [],
        [100],
        [100],
        [120],
    ]


def test_a_version_is_not_known_before_its_publication() -> None:
    versions = [Published(FIRST, 5, OLD), Published(SECOND, 9, NEW)]

    assert [caps(versions, NEW, as_at) for as_at in (4, 5, 8, 9)] == [[], [100], [100], [120]]


def test_when_the_newest_version_is_over_no_older_one_revives() -> None:
    versions = [Published(FIRST, 1, OLD), Published(SECOND, 2, NEW, effective_to=date(2025, 1, 1))]

    assert [caps(versions, on) for on in (date(2024, 12, 31), date(2025, 1, 1))] == [[120], []]


def test_a_retired_version_is_not_resolved_from_its_day_on_and_no_older_one_revives() -> None:
    versions = [Published(FIRST, 1, OLD), Published(SECOND, 2, NEW, retired_on=date(2024, 6, 1), retired_at=7)]

    assert [caps(versions, on) for on in (date(2024, 5, 31), date(2024, 6, 1))] == [[120], []]


def test_a_retirement_is_not_known_before_its_position() -> None:
    versions = [Published(SECOND, 2, NEW, retired_on=date(2024, 6, 1), retired_at=7)]

    assert [caps(versions, date(2024, 7, 1), as_at) for as_at in (6, 7)] == [[120], []]


def test_of_two_versions_from_one_day_the_one_published_last_counts() -> None:
    versions = [Published(SECOND, 9, NEW), Published(FIRST, 3, NEW)]

    assert caps(versions, NEW) == [120]


def test_the_order_of_publication_facts_is_irrelevant() -> None:
    versions = [Published(FIRST, 1, OLD), Published(SECOND, 2, NEW), Published(PROVINCE, 3, OLD)]

    assert resolve(versions, YINZHOU, NEW).hash == resolve(reversed(versions), YINZHOU, NEW).hash


def test_a_disputed_transcription_is_never_resolved() -> None:
    disputed = library().document("zj.common.beilun")

    assert resolve([Published(disputed, 1, OLD)], YINZHOU, NEW).documents == ()


def test_documents_stand_from_province_to_district() -> None:
    published = [Published(library().document(doc), 1, OLD) for doc in ("cx.individual", "nb.common", "zj.common")]

    found = resolve(published, CIXI, NEW).documents

    assert [document.rulebook.tier.value for document in found] == ["province", "city", "district"]
