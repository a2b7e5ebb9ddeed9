"""Populations as Parquet: one file for each table of a batch and one for residents; row group n is part n of each.

Words are text (dictionary-coded), days are dates, what is not known is null: any engine can read the files. Within
a part, residents are numbered from 0 and rows lie in the order of batch.py, so that a part is read without sorting.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import local
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from projections.engines.batch import COLUMNS, DAYS, NO_WORD, TYPES, WORDS, Array, Batch, Rows, Words, in_order
from projections.engines.calendar import NO_DAY

_RESIDENTS = "residents"
_ROW_GROUP_MOST = 1 << 30


def _type(column: str) -> Any:
    if column in WORDS:
        return pa.dictionary(pa.int32(), pa.string())
    if column in DAYS:
        return pa.date32()
    return pa.from_numpy_dtype(TYPES[column])


def _schema(table: str) -> Any:
    if table == _RESIDENTS:
        return pa.schema([("name", pa.string()), ("place", _type("place"))])
    return pa.schema([(name, _type(name)) for name in COLUMNS[table]])


def write_parts(folder: Path, batches: Iterable[Batch]) -> int:
    """Write each batch as a part. Give how many rows were written."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = [_RESIDENTS, *COLUMNS]
    writers = {table: pq.ParquetWriter(_file(folder, table), _schema(table)) for table in tables}
    written = 0
    try:
        for batch in batches:
            part = _alphabetical(batch)
            names = [str(name) for name in part.names] if len(part.names) else [None] * part.residents
            places = _words(part.place, part.words["place"])
            residents = pa.table({"name": pa.array(names, pa.string()), "place": places}, _schema(_RESIDENTS))
            writers[_RESIDENTS].write_table(residents, _ROW_GROUP_MOST)
            for table, rows in part.tables.items():
                columns = {name: _arrow(name, rows[name], part) for name in COLUMNS[table]}
                writers[table].write_table(pa.table(columns, _schema(table)), _ROW_GROUP_MOST)
            written += part.rows
    finally:
        for writer in writers.values():
            writer.close()
    return written


def loads(folder: Path) -> list[Callable[[], Batch]]:
    """Give the parts of a population in their order, each to be read when it is called."""
    reader = PartReader(folder)
    return [partial(reader.read, number) for number in range(reader.parts)]


class PartReader:
    """The open files of a population. `read` may be called from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = local()
        self.parts = int(self._files[_RESIDENTS].num_row_groups)

    @property
    def _files(self) -> dict[str, Any]:
        """Give the files, opened once by each thread."""
        if not hasattr(self._own, "files"):
            self._own.files = {table: _opened(self._folder, table) for table in (_RESIDENTS, *COLUMNS)}
        files: dict[str, Any] = self._own.files
        return files

    def read(self, number: int) -> Batch:
        """Read one part."""
        read = {table: file.read_row_group(number, use_threads=False) for table, file in self._files.items()}
        words = {name: _word_list(read, name) for name in dict.fromkeys(WORDS.values())}
        tables = {
            table: Rows({name: _column(read[table], name, words) for name in columns})
            for table, columns in COLUMNS.items()
        }
        residents = read[_RESIDENTS]
        return Batch(
            residents.num_rows,
            _column(residents, "place", words),
            words,
            **tables,
            names=residents["name"].to_pylist() if residents["name"].null_count < residents.num_rows else (),
        )


def _opened(folder: Path, table: str) -> Any:
    coded = [field.name for field in _schema(table) if pa.types.is_dictionary(field.type)]
    return pq.ParquetFile(_file(folder, table), read_dictionary=coded, pre_buffer=False)


def _file(folder: Path, table: str) -> str:
    return str(folder / f"{table}.parquet")


def _alphabetical(batch: Batch) -> Batch:
    """Code words in the order of their text, so that a reader finds rows in the order of its own codes."""
    words, codes = {}, {}
    for name, old in batch.words.items():
        words[name] = Words(sorted(old.names))
        codes[name] = np.array([*(words[name].code(word) for word in old.names), NO_WORD], np.int32)
    tables = {}
    for table, rows in batch.tables.items():
        columns = {
            name: codes[WORDS[name]][column].astype(TYPES[name]) if name in WORDS else column
            for name, column in rows.columns.items()
        }
        tables[table] = in_order(table, Rows(columns), words)
    return replace(batch, words=words, place=codes["place"][batch.place], **tables)  # type: ignore[arg-type] # by name


def _arrow(name: str, column: Array, batch: Batch) -> Any:
    if name in WORDS:
        return _words(column, batch.words[WORDS[name]])
    if name in DAYS:
        return pa.array(column, pa.int32(), mask=column == NO_DAY).cast(pa.date32())
    return pa.array(column)


def _words(codes: Array, words: Words) -> Any:
    indices = pa.array(codes.astype(np.int32), mask=codes == NO_WORD)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words.names, pa.string()))


def _word_list(read: dict[str, Any], name: str) -> Words:
    """Gather the words of all columns that share a list, in the order of their text."""
    found: set[str] = set()
    for table in read.values():
        for column in table.column_names:
            if WORDS.get(column) == name:
                for chunk in table[column].chunks:
                    found.update(chunk.dictionary.to_pylist())
    return Words(sorted(found))


def _column(table: Any, name: str, words: dict[str, Words]) -> Array:
    chunks = table[name].chunks
    if name in WORDS:
        arrays = [_coded(chunk, words[WORDS[name]]) for chunk in chunks]
    elif name in DAYS:
        arrays = [chunk.cast(pa.int32()).fill_null(int(NO_DAY)).to_numpy(zero_copy_only=False) for chunk in chunks]
    else:
        arrays = [chunk.to_numpy() for chunk in chunks]
    if not arrays:
        return np.zeros(0, TYPES[name])
    whole = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    return whole.astype(TYPES[name], copy=False)


def _coded(chunk: Any, words: Words) -> Array:
    codes = np.array([*(words.find(word) for word in chunk.dictionary.to_pylist()), NO_WORD], np.int32)
    indices = chunk.indices
    if indices.null_count:
        indices = indices.fill_null(len(codes) - 1)
    coded: Array = codes[indices.to_numpy()]
    return coded
