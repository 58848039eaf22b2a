"""Energy as text to whole nano-kWh, exactly."""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.core.intake.accepted import nano_values
from cei_assets.core.intake.arrow_sql import select

Integers = npt.NDArray[np.int64]
ENERGY = pa.decimal128(18, 9)
_MOST_DIGITS = 38

# DuckDB's decimal cast also takes '1_000', hence the shape. It rounds more than nine decimals half
# away from zero, but wrongly when they come from an exponent (5E-11 becomes 1E-9): exponents are
# written out first, one that fits no INTEGER as if it were two thousand million. A number that does
# not fit DECIMAL(38,9) is over any limit.
_VALUES = r"""
WITH trimmed AS (
    SELECT *, CASE WHEN value_type IS NULL THEN trim(value) END AS written FROM cells
),
pointed AS (
    SELECT *,
           CASE WHEN $decimal_mark = ',' AND NOT contains(written, '.')
                THEN replace(written, ',', '.')
                WHEN $decimal_mark = '.' THEN written
                WHEN NOT contains(written, '.') THEN written
           END AS number
    FROM trimmed
),
shaped AS (
    SELECT *,
           coalesce(regexp_full_match(
               number, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?'
           ), false) AS is_number,
           coalesce(regexp_matches(number, '^-[0.]*[1-9]'), false) AS is_negative,
           CASE WHEN is_number AND regexp_matches(number, '[eE]') THEN regexp_extract(
               number, '^([+-]?)([0-9]*)\.?([0-9]*)[eE]([+-]?[0-9]+)$',
               ['sign', 'whole', 'fraction', 'power']
           ) END AS part
    FROM pointed
),
split AS (
    SELECT *,
           part.whole || part.fraction AS digits,
           length(part.whole) + coalesce(
               try_cast(part.power AS INTEGER),
               CASE WHEN starts_with(part.power, '-') THEN -2000000000 ELSE 2000000000 END
           ) AS point
    FROM shaped
),
checked AS (
    SELECT *,
           CASE
               WHEN NOT is_number THEN NULL
               WHEN part IS NULL THEN number
               WHEN point <= 0
                   THEN part.sign || '0.' || repeat('0', least(-point, 60)) || digits
               WHEN point >= length(digits)
                   THEN part.sign || digits || repeat('0', least(point - length(digits), 60))
               ELSE part.sign || left(digits, point) || '.' || substr(digits, point + 1)
           END AS plain_number,
           try_cast(plain_number AS DECIMAL(38,9)) AS exact
    FROM split
)
SELECT line_number,
       CASE WHEN NOT is_negative AND exact <= $limit THEN exact::DECIMAL(18,9) END AS usage_kwh,
       CASE
           WHEN value_type IS NOT NULL THEN 'value is ' || value_type || ', not a number'
           WHEN written IS NULL THEN 'value is missing'
           WHEN written = '' THEN 'value is blank'
           WHEN NOT is_number AND $decimal_mark = ',' AND contains(written, '.')
               THEN 'value ''' || left(value, 100)
                    || ''' has a decimal point, but the file writes decimal commas'
           WHEN NOT is_number AND regexp_full_match(lower(written), '[+-]?(nan|inf(inity)?)')
               THEN 'value is ' || written || ', not a finite number'
           WHEN NOT is_number THEN 'value ''' || left(value, 100) || ''' is not a number'
           WHEN is_negative THEN 'value ' || left(written, 100) || ' is negative'
           WHEN exact IS NULL OR exact > $limit
               THEN 'value ' || left(written, 100) || ' is over ' || $limit::VARCHAR
                    || ' kWh an interval'
       END AS problem
FROM checked
ORDER BY line_number
"""


@dataclass(frozen=True, kw_only=True)
class Energies:
    """Energy of `n` rows in 10^-9 kWh; `is_valid` (n,) is false where the text gives none."""

    nano_kwh: Integers
    is_valid: npt.NDArray[np.bool_]


def read_energies(
    connection: duckdb.DuckDBPyConnection, *, rows: pa.Table, decimal_mark: str, limit: int
) -> Energies:
    """Energies of the rows' `value`: finite, not negative, at most `limit` kWh an interval.

    Arrow's cast takes a subset of what the rule takes and reads it alike, at a fraction of the
    time; a batch with any other text goes through the rule.
    """
    values = rows["value"]
    is_plain = decimal_mark == "." and rows["value_type"].null_count == rows.num_rows
    if is_plain and _is_safe_to_cast(values):
        try:
            return _within(pc.cast(values, ENERGY), limit)
        except pa.ArrowInvalid:
            pass
    read = value_verdicts(connection, rows=rows, decimal_mark=decimal_mark, limit=limit)
    return _within(read["usage_kwh"].cast(ENERGY), limit)


def _is_safe_to_cast(values: pa.ChunkedArray) -> bool:
    """Whether Arrow may read the texts as decimals.

    Beyond a scale of 38 its cast reads past the end of a table (pyarrow 26): `1e-10000000` ends the
    process, lesser exponents give what happens to lie there.
    """
    longest = pc.max(pc.binary_length(values)).as_py() or 0
    return longest <= _MOST_DIGITS and not any(
        pc.any(pc.match_substring(values, mark)).as_py() for mark in "eE"
    )


def value_verdicts(
    connection: duckdb.DuckDBPyConnection, *, rows: pa.Table, decimal_mark: str, limit: int
) -> pa.Table:
    """The rule for values: columns usage_kwh and problem, rows in order of `line_number`."""
    return select(
        connection,
        _VALUES,
        tables={"cells": rows.select(["line_number", "value", "value_type"])},
        parameters={"decimal_mark": decimal_mark, "limit": limit},
    )


def _within(energies: pa.ChunkedArray, limit: int) -> Energies:
    whole = energies.combine_chunks()
    nano = nano_values(whole)
    present = whole.is_valid().to_numpy(zero_copy_only=False)
    return Energies(nano_kwh=nano, is_valid=present & (nano >= 0) & (nano <= limit * 1_000_000_000))
