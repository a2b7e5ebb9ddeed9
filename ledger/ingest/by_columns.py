"""An import by columns: pieces are prepared, here or by a crew of processes, and appended in the file's order."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from ledger.blocks import CONFLICT, NEW, Outcomes
from ledger.ingest.columns import ColumnReader
from ledger.ingest.crew import crew, prepared_here
from ledger.ingest.delivery import CsvDelivery, Delivery, judge
from ledger.ingest.desk import Appended, ImportDesk
from ledger.ingest.examine import Examiner, Terms
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.pieces import Piece, cut
from ledger.ingest.preparing import Prepared
from ledger.ingest.rejects import REJECTED, Rejects
from ledger.ingest.settle import Accepted, Settler, Verdict, settled
from ledger.ingest.tally import Tally
from ledger.ingest.verdicts import Code, Finding

SMALL_BYTES = 4 * 1024 * 1024
"""Below this a file is prepared in this process: others would take longer to start."""


def by_columns(
    desk: ImportDesk, delivery: Delivery, terms: Terms
) -> "Callable[[Settler, Tally, Rejects | None], ColumnImport] | None":
    """Give what imports a delivery by columns, or None where it goes row by row."""
    if not isinstance(desk, LedgerImportDesk) or not isinstance(delivery, CsvDelivery):
        return None
    if delivery.packed or not ColumnReader.possible(delivery.header.fields, terms):
        return None
    return partial(ColumnImport, desk, delivery, terms)


@dataclass
class ColumnImport:
    """One import by columns: what became of each piece is counted, and rejected rows are written."""

    desk: LedgerImportDesk
    delivery: CsvDelivery
    terms: Terms
    settler: Settler
    tally: Tally
    writer: Rejects | None

    def run(self, preparers: int, progress: Callable[[int], None]) -> None:
        """Import every piece. `progress` is told how far the file was read. Raises as `run_import` does."""
        workshop = self.desk.workshop(self.delivery, self.terms, self.settler.hand)
        with ExitStack() as stack:
            if preparers and self.delivery.size >= SMALL_BYTES:
                pieces = stack.enter_context(crew(workshop, preparers))
            else:
                pieces = prepared_here(self.delivery, workshop.preparer(self.desk.sessions))
            for prepared in pieces:
                self._take(prepared)
                progress(prepared.end.offset)
        self.delivery.refuse_changed()

    def _take(self, prepared: Prepared) -> None:
        """Append one piece and count what became of it."""
        if prepared.by_rows:
            self._by_rows(prepared)
            return
        if prepared.identities is not None:
            self.desk.append_block(prepared.identities)
            # If we stop here, they are minted again by the next import, and these entries give their receipts.
            self.desk.recorded(prepared.minted)
        outcomes = Outcomes() if prepared.block is None else self.desk.append_block(prepared.block)
        if outcomes.codes.count(NEW) == len(outcomes) and not prepared.told:
            if len(outcomes):
                self.settler.reached(outcomes.positions[-1])
                self.tally.accept(len(outcomes), sum(prepared.quantities), outcomes.positions)
        else:
            verdicts = [*prepared.told, *self._verdicts(prepared, outcomes)]
            self._tell(prepared, sorted(verdicts, key=lambda told: told[0]))
        self.tally.rows += prepared.records - len(prepared.blank)

    def _verdicts(self, prepared: Prepared, outcomes: Outcomes) -> Iterator[tuple[int, Verdict]]:
        """Turn the ledger's answers into verdicts, in order."""
        keys = [] if prepared.block is None else prepared.block.keys
        kept = {key for key, code in zip(keys, outcomes.codes, strict=True) if code not in {NEW, CONFLICT}}
        standing = self.desk.standing(kept)
        for at, key, code, position in zip(prepared.numbers, keys, outcomes.codes, outcomes.positions, strict=True):
            if code == NEW:
                answer: Appended | Code = Appended(position, new=True)
            elif code == CONFLICT:
                answer = Code.OTHER_CONTENT
            else:
                answer = Appended(position, new=False, batch_id=standing[key].batch_id, voided=standing[key].voided)
            yield at, self.settler.verdict(answer)

    def _tell(self, prepared: Prepared, verdicts: list[tuple[int, Verdict]]) -> None:
        before, quantities = self.tally.rows, dict(zip(prepared.numbers, prepared.quantities, strict=True))
        piece: Piece | None = None
        for at, verdict in verdicts:
            if isinstance(verdict, Accepted):
                self.tally.accept(1, quantities[at], [] if verdict.position is None else [verdict.position])
                continue
            wanted = self.writer is not None and verdict.outcome in REJECTED
            if wanted or self.tally.shows_more:
                piece = piece or self._piece(prepared)
                row = self.delivery.row(before + at + 1 - bisect_left(prepared.blank, at), piece.record(at))
                if row is not None:
                    self.tally.show(row, verdict)
                    if wanted and self.writer is not None:
                        self.writer.add(row, verdict)
            self.tally.find(verdict)

    def _by_rows(self, prepared: Prepared) -> None:
        """Settle a piece row by row."""
        rows = self._piece(prepared).rows(self.delivery, self.tally.rows)
        examiner = Examiner(self.terms)
        for row, candidate, verdict in settled(
            [(row, judge(self.delivery, examiner, row)) for row in rows], self.settler
        ):
            self.tally.count(row, candidate, verdict)
            if self.writer is not None and isinstance(verdict, Finding) and verdict.outcome in REJECTED:
                self.writer.add(row, verdict)

    def _piece(self, prepared: Prepared) -> Piece:
        with self.delivery.opened() as file:
            piece = cut(file, prepared.start, self.delivery.delimiter, self.delivery.piece_bytes)
        if piece is None or piece.end != prepared.end:
            self.delivery.refuse_changed()
            raise RuntimeError("a file was cut otherwise the second time")
        return piece
