"""Preparing in other processes: a ring of preparers, each with every n-th piece, while this process appends.

Two things go around the ring, from each preparer to the next: where the next piece begins, and the right to mint.
Prepared pieces come back through a pipe of each preparer, taken in turn, so in the file's order; a preparer that is
ahead waits until its piece was taken, which bounds memory. Keys go to the preparers through these pipes and nowhere
else. When this process ends, however it ends, the pipes close and the preparers end.
"""

import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from multiprocessing.connection import Connection, Pipe

from domain.errors import Refusal
from ledger.database import DatabaseRefused
from ledger.ingest.delivery import CsvDelivery
from ledger.ingest.pieces import cut
from ledger.ingest.preparing import Prepared, Preparer
from ledger.ingest.refusals import PreparerFailed
from ledger.ingest.workshop import Workshop
from ledger.vault.sessions import Sessions

_END_SECONDS = 10.0
_NEW_OBJECTS_PER_COLLECTION = 50_000


def prepared_here(delivery: CsvDelivery, preparer: Preparer) -> Iterator[Prepared]:
    """Prepare every piece in this process."""
    place = delivery.start
    with delivery.opened() as file:
        while (piece := cut(file, place, delivery.delimiter, delivery.piece_bytes)) is not None:
            yield preparer.prepare(piece, _Alone())
            place = piece.end


class _Alone:
    """The queue of one process: it is always our turn."""

    def my_turn(self) -> None:
        """Wait for nobody."""

    def pass_on(self) -> None:
        """Tell nobody."""


class _InRing:
    """The queue of a ring: the right to mint comes from the one before and goes to the one after."""

    def __init__(self, before: Connection, after: Connection) -> None:
        self._before = before
        self._after = after
        self._ours = self._passed = False

    def begin(self) -> None:
        """Begin a piece."""
        self._ours = self._passed = False

    def my_turn(self) -> None:
        """Wait for the right."""
        if not (self._ours or self._passed):
            self._before.recv_bytes()
            self._ours = True

    def pass_on(self) -> None:
        """Pass the right on where we have it, or it is there."""
        if not self._passed and (self._ours or self._before.poll()):
            self.end()

    def end(self) -> None:
        """Pass the right on, when it comes."""
        if not self._passed:
            self.my_turn()
            with suppress(BrokenPipeError, ConnectionResetError):  # the next one found the file's end and is gone
                self._after.send_bytes(b"")
            self._ours, self._passed = False, True


@contextmanager
def crew(workshop: Workshop, size: int) -> Iterator[Iterator[Prepared]]:
    """Start `size` preparers; give the pieces in the file's order. Raises PreparerFailed, and what they raise."""
    with ExitStack() as stack:
        pipes = [Pipe() for _ in range(size)]
        places = [Pipe(duplex=False) for _ in range(size)]
        rights = [Pipe(duplex=False) for _ in range(size)]
        for here, _ in pipes:
            stack.enter_context(closing(here))
        for number in range(size):
            following = (number + 1) % size
            theirs = (
                pipes[number][1],
                places[number][0],
                places[following][1],
                rights[number][0],
                rights[following][1],
            )
            _start(stack, theirs)
        for here, _ in pipes:
            here.send(workshop)
        places[0][1].send(workshop.delivery.start)
        rights[0][1].send_bytes(b"")
        for one in (*(there for _, there in pipes), *(end for pair in (*places, *rights) for end in pair)):
            one.close()
        yield _gathered([here for here, _ in pipes])


def _start(stack: ExitStack, ends: tuple[Connection, ...]) -> None:
    """Start one preparer, which is told the numbers of its pipes and nothing else."""
    numbers = [end.fileno() for end in ends]
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, *map(str, numbers)],
        pass_fds=numbers,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # a trace may quote what it choked on
    )
    stack.callback(_ended, process)


def _ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _gathered(pipes: list[Connection]) -> Iterator[Prepared]:
    number = 0
    while True:
        pipe = pipes[number % len(pipes)]
        try:
            found = pipe.recv()
        except EOFError:
            raise PreparerFailed from None
        if isinstance(found, Exception):
            raise found
        if found is None:
            return
        yield found
        if found.by_rows:
            pipe.send(None)
        number += 1


def _work(here: Connection, place: Connection, next_place: Connection, queue: _InRing) -> None:
    """Prepare our pieces until the file ends."""
    workshop: Workshop = here.recv()
    sessions = Sessions(workshop.database, connections_max=1)
    with closing(sessions), workshop.delivery.opened() as file:
        preparer = workshop.preparer(sessions)
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS_PER_COLLECTION)
        while (start := place.recv()) is not None:
            queue.begin()
            piece = cut(file, start, workshop.delivery.delimiter, workshop.delivery.piece_bytes)
            next_place.send(None if piece is None else piece.end)
            if piece is None:
                break
            prepared = preparer.prepare(piece, queue)
            if prepared.by_rows:
                queue.my_turn()
                here.send(prepared)
                here.recv()
            else:
                here.send(prepared)
            queue.end()
        here.send(None)


def main(numbers: list[int]) -> None:
    """Be a preparer on these pipes."""
    here, place, next_place, before, after = (Connection(number) for number in numbers)
    try:
        _work(here, place, next_place, _InRing(before, after))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the importer has ended; so do we
    except (Refusal, DatabaseRefused) as refusal:
        here.send(refusal)
    except Exception as error:  # noqa: BLE001 - whatever it is, its words may be personal: only its name goes on
        here.send(PreparerFailed(type(error).__name__))


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
