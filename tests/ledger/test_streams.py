"""Named streams keep their ids for ever."""

from domain.facts import Stream
from ledger.streams import named


def test_the_stream_of_a_rulebook_never_changes_its_id() -> None:
    assert str(named(Stream.RULEBOOK, "zj.common")) == "60a6f7ba-0c57-570a-8384-d6df7e00ea42"


def test_two_kinds_of_stream_never_share_an_id() -> None:
    assert named(Stream.ORGAN, "a") != named(Stream.BATCH, "a")
