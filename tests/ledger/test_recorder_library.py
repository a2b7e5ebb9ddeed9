"""The library's contract of an application recorder, by its own tests."""

import pytest

from ledger.database import Database
from ledger.datastore import LedgerDatastore
from tests.library import CASES, _OnALedger


@pytest.mark.parametrize(("case", "name"), CASES, ids=[name for _, name in CASES])
def test_the_librarys_own_test_passes(case: type[_OnALedger], name: str, each_ledger_db: Database) -> None:
    with LedgerDatastore(each_ledger_db) as datastore:
        one = case(name)
        one.datastore = datastore
        one.debug()


def test_none_of_the_librarys_tests_is_left_out() -> None:
    here = {name for case, _ in CASES for name in dir(case) if name.startswith("test")}

    assert here == {name for _, name in CASES if name.startswith("test")}
