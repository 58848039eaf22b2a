"""Columns of text as integer codes, so that a rule runs once per distinct text, not per row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Coded:
    """A column of `n` rows: `codes` (n,) index `values`, -1 where the row is null."""

    codes: npt.NDArray[np.int32]
    values: pa.Array


def coded(column: pa.ChunkedArray) -> Coded:
    """Codes and distinct values of a text column, plain or dictionary-encoded."""
    if column.null_count == len(column):
        return Coded(codes=np.full(len(column), -1, np.int32), values=pa.array([], pa.string()))
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    indices = whole.indices
    if indices.null_count:
        indices = indices.fill_null(-1)
    return Coded(codes=indices.to_numpy(), values=whole.dictionary)


@dataclass(frozen=True, kw_only=True)
class Distinct:
    """Distinct combinations of `n` rows: `group` (n,) numbers them, `example` names a row each."""

    group: Integers
    example: Integers


def distinct(columns: list[Coded]) -> Distinct:
    """The distinct combinations of several coded columns of equal length."""
    rows = len(columns[0].codes)
    group = np.zeros(rows, np.int64)
    size = 1
    for column in (column for column in columns if len(column.values)):
        width = len(column.values) + 1
        group = group * width + (column.codes + 1)
        size *= width
        if size > _table_limit(rows):
            found, group = np.unique(group, return_inverse=True)
            size = len(found)
    group, size = _renumbered(group, size)
    example = np.empty(size, np.int64)
    example[group] = np.arange(rows)
    return Distinct(group=group, example=example)


def _renumbered(group: Integers, size: int) -> tuple[Integers, int]:
    seen = np.zeros(size, bool)
    seen[group] = True
    number = np.cumsum(seen) - 1
    return number[group], int(np.count_nonzero(seen))


def _table_limit(rows: int) -> int:
    """Largest number of combinations for which a table beats sorting the rows."""
    return max(4 * rows, 1 << 20)
