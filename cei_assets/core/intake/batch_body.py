"""A request body of the batch API as columns of text, with every number exactly as written."""

import json
from collections.abc import Sized
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

CELL_NAMES = ("site_id", "meter_id", "timestamp_utc", "value", "unit", "idempotency_key")
MAX_NESTING = 64
"""Levels of lists and objects in a body.

A fixed number, so that a body that was acknowledged is never too deep for whoever reads it later,
on a stack of another height.
"""

Cells = dict[str, list[Any]]

_CELLS_A_RECORD = 50
_OBJECTS_A_RECORD = 20
_EXPECTED = '{"records": [{...}, ...]}'
_TYPE_NAMES = {bool: "true or false", list: "a list", dict: "an object", str: "text"}
_TYPED_NAMES = ("site_id", "meter_id", "timestamp_utc", "value", "unit")
_NUMBER_STARTS = frozenset("-0123456789")
_NULL = msgspec.Raw(b"null")


class NotABatchError(ValueError):
    """A body that is no batch; `detail` says what was found and what was expected."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class TooManyRecordsError(NotABatchError):
    """A body with more records than its reader takes; `records` counts them."""

    def __init__(self, records: int, *, limit: int) -> None:
        super().__init__(f"{records} records, over the limit of {limit}; send them in parts")
        self.records = records


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """The records of one body: `cells` holds a list of `records` elements for each column.

    Columns are those of `ROW_COLUMNS` that a body can fill: the cells of `CELL_NAMES` as text
    (None where absent or null), and `<name>_type` for all but the key, which names the JSON type
    of a cell that has the wrong one and is None where the type fits. `is_plain` says that no type
    is wrong: then the `*_type` columns are all the same list of None.
    """

    records: int
    cells: Cells
    is_plain: bool
    source: str | None = None


class Number(str):
    """A JSON number as written; NaN, Infinity and -Infinity count as numbers."""

    __slots__ = ()


class _Record(msgspec.Struct, gc=False):
    site_id: str | None = None
    meter_id: str | None = None
    timestamp_utc: str | None = None
    value: msgspec.Raw = _NULL
    unit: str | None = None
    idempotency_key: str | None = None


class _Batch(msgspec.Struct):
    records: list[_Record]
    source: str | None = None


_BATCH = msgspec.json.Decoder(_Batch)


def read_body(body: bytes, *, max_records: int | None = None) -> Body:
    """The records of a request body.

    Bodies of plain records are read by msgspec; one with a cell of the wrong type, or with what
    only the standard library takes (NaN, Infinity, lone surrogates), cell by cell. Both give the
    same columns. Raises NotABatchError when the body is not JSON in UTF-8, nested deeper than
    `MAX_NESTING`, not an object, or has no records; and TooManyRecordsError, which is one too,
    when it has more than `max_records`. With that limit a body may have 20 objects a record on
    average, and one that is not plain 50 cells, so that memory and time stay bounded.
    """
    if max_records is not None:
        _check_objects(body, max_records)
    plain = _plain_body(body, max_records)
    if plain is not None:
        return plain
    if max_records is not None:
        _check_cells(body, max_records * _CELLS_A_RECORD)
    return body_of(read_json(body), max_records=max_records)


def read_json(text: bytes) -> object:
    """Any JSON with numbers as `Number`; raises NotABatchError, which says what is wrong."""
    try:
        parsed = json.loads(
            text.decode("utf-8"), parse_float=Number, parse_int=Number, parse_constant=Number
        )
    except UnicodeDecodeError as error:
        raise NotABatchError(
            f"not UTF-8 (byte {error.start}); expected {_EXPECTED} in UTF-8"
        ) from error
    except json.JSONDecodeError as error:
        raise NotABatchError(f"not JSON ({error}); expected {_EXPECTED}") from error
    except RecursionError as error:
        raise _too_deep() from error
    _check_nesting(text, flat_openers=0)
    return parsed


def body_of(parsed: object, *, max_records: int | None = None) -> Body:
    """The records of a body that `read_json` parsed; raises NotABatchError as `read_body` does."""
    if not isinstance(parsed, dict):
        raise NotABatchError(f"{type_name(parsed)}, not an object; expected {_EXPECTED}")
    if "records" not in parsed:
        raise NotABatchError(f"records is missing; expected {_EXPECTED}")
    records = parsed["records"]
    if not isinstance(records, list):
        raise NotABatchError(f"records is {type_name(records)}, not a list; expected {_EXPECTED}")
    if not records:
        raise NotABatchError(f"records is empty; expected {_EXPECTED}")
    _check_count(records, max_records)
    source = parsed.get("source")
    return Body(
        records=len(records),
        cells=_cells(records),
        is_plain=False,
        source=clean(source) if type(source) is str else None,
    )


def type_name(parsed: object) -> str:
    """What a value of `read_json` is, in words."""
    if parsed is None:
        return "null"
    return "a number" if isinstance(parsed, Number) else _TYPE_NAMES[type(parsed)]


def written(parsed: object) -> str:
    """JSON text of what `read_json` gave, without blanks, with its numbers as they were."""
    if isinstance(parsed, Number):
        return str(parsed)
    if isinstance(parsed, list):
        return f"[{','.join(map(written, parsed))}]"
    if isinstance(parsed, dict):
        members = (f"{written(name)}:{written(value)}" for name, value in parsed.items())
        return f"{{{','.join(members)}}}"
    return clean(json.dumps(parsed, ensure_ascii=False))


def clean(text: str) -> str:
    r"""The text with lone surrogates, which no UTF-8 can hold, spelled out as `\udxxx`."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _plain_body(body: bytes, max_records: int | None) -> Body | None:
    """The body if msgspec takes it and every cell has its type, else None."""
    try:
        # msgspec does not look at the text of members that it skips
        if not body.isascii():
            body.decode("utf-8")
        batch = _BATCH.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    except RecursionError as error:
        raise _too_deep() from error
    records = batch.records
    _check_count(records, max_records)
    values: list[str | None] = [str(record.value, "utf-8") for record in records]
    if "null" in values:
        values = [None if value == "null" else value for value in values]
    if not records or not all(value is None or value[0] in _NUMBER_STARTS for value in values):
        return None
    _check_nesting(body, flat_openers=len(records) + 2)
    count = len(records)
    fitting = [None] * count
    cells: Cells = {
        "site_id": [record.site_id for record in records],
        "meter_id": [record.meter_id for record in records],
        "timestamp_utc": [record.timestamp_utc for record in records],
        "value": values,
        "unit": [record.unit for record in records],
        "idempotency_key": [record.idempotency_key for record in records],
        **{f"{name}_type": fitting for name in _TYPED_NAMES},
    }
    return Body(records=count, cells=cells, is_plain=True, source=batch.source)


def _check_count(records: Sized, limit: int | None) -> None:
    if limit is not None and len(records) > limit:
        raise TooManyRecordsError(len(records), limit=limit)


def _check_objects(body: bytes, limit: int) -> None:
    """Raises TooManyRecordsError before a body is read whose objects are far more than that.

    A few megabytes hold millions of empty ones, each of which would take a record's memory.
    """
    most = limit * _OBJECTS_A_RECORD
    if body.count(b"{") > most and (found := _count(body, "{")) > most:
        _check_nesting(body, flat_openers=0)
        raise TooManyRecordsError(found - 1, limit=limit)


def _check_cells(body: bytes, limit: int) -> None:
    """Raises NotABatchError when commas outside of strings tell of more than `limit` cells."""
    if body.count(b",") > limit and (cells := _count(body, ",")) > limit:
        raise NotABatchError(f"{cells} cells, over the limit of {limit}; expected {_EXPECTED}")


def _check_nesting(body: bytes, *, flat_openers: int) -> None:
    """Raises NotABatchError when valid JSON is nested deeper than `MAX_NESTING`.

    `flat_openers` brackets are known not to lie within each other beyond the usual three levels;
    few further ones cannot reach the limit.
    """
    openers = body.count(b"{") + body.count(b"[")
    if openers - flat_openers <= MAX_NESTING - 3:
        return
    characters = _outside_strings(body)
    opening = (characters == ord("{")) | (characters == ord("["))
    closing = (characters == ord("}")) | (characters == ord("]"))
    steps = opening.astype(np.int8) - closing.astype(np.int8)
    if np.cumsum(steps[steps != 0], dtype=np.int32).max(initial=0) > MAX_NESTING:
        raise _too_deep()


def _count(body: bytes, character: str) -> int:
    """How often the character stands outside of strings."""
    return int(np.count_nonzero(_outside_strings(body) == ord(character)))


def _outside_strings(body: bytes) -> npt.NDArray[np.uint8]:
    """The characters of a JSON text that stand in no string, and closing quotes.

    In arrays: millions of short strings as objects would take a hundred bytes each.
    """
    unescaped = body.replace(rb"\\", b"__").replace(rb"\"", b"__")
    characters = np.frombuffer(unescaped, np.uint8)
    is_inside = np.bitwise_xor.accumulate((characters == ord('"')).view(np.uint8))
    outside: npt.NDArray[np.uint8] = characters[is_inside == 0]
    return outside


def _too_deep() -> NotABatchError:
    return NotABatchError(
        f"nested deeper than {MAX_NESTING} levels; expected flat records, {_EXPECTED}"
    )


def _cells(records: list[Any]) -> Cells:
    """Columns of records of any shape.

    A loop over records, because each cell's JSON type has to be looked at; plain batches do not
    come here.
    """
    cells: Cells = {name: [] for name in CELL_NAMES}
    cells.update({f"{name}_type": [] for name in _TYPED_NAMES})
    for record in records:
        fields = record if isinstance(record, dict) else {}
        for name in CELL_NAMES:
            text, wrong = _cell(fields.get(name), is_number=name == "value")
            cells[name].append(text)
            if name != "idempotency_key":
                cells[f"{name}_type"].append(wrong)
    return cells


def _cell(parsed: object, *, is_number: bool) -> tuple[str | None, str | None]:
    """Text of a cell, and its type where that is the wrong one."""
    if parsed is None:
        return None, None
    if isinstance(parsed, Number):
        return str(parsed), None if is_number else "a number"
    if isinstance(parsed, str):
        return clean(parsed), "text" if is_number else None
    return written(parsed), _TYPE_NAMES[type(parsed)]
