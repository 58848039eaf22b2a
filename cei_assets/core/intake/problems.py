"""What is wrong with refused rows, in words: one column a kind of problem."""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.intake.cumulative import CUMULATIVE_PROBLEM
from cei_assets.core.intake.places import Meters, plain
from cei_assets.core.intake.repeats import Repeats
from cei_assets.core.intake.valid_rows import ValidRows
from cei_assets.core.intake.values import value_verdicts
from cei_assets.core.intake.verdict import Limits

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the rules found, one element a refused row.

    `place` has the columns of `Places.verdicts`, `moment` says what is wrong with a timestamp
    whatever its meter.
    """

    place: pa.Table
    moment: pa.Array
    is_wrong_unit: Flags
    is_off_grid: Flags
    interval_seconds: Integers


_PROBLEMS = """
SELECT findings.* EXCLUDE (moment, is_wrong_unit, is_off_grid, interval_seconds),
       CASE
           WHEN NOT is_wrong_unit THEN NULL
           WHEN unit_type IS NOT NULL THEN 'unit is ' || unit_type || ', not text'
           ELSE 'unit ''' || left(unit, 100) || ''' is not kWh'
       END AS unit_problem,
       nullif(concat_ws('; ',
           moment,
           CASE WHEN is_off_grid
                THEN 'timestamp_utc ''' || left(timestamp_utc, 100)
                     || ''' is not on the meter''s grid of ' || interval_seconds::VARCHAR || ' s'
           END
       ), '') AS timestamp_problem,
       NULL::VARCHAR AS key_problem
FROM findings
ORDER BY line_number
"""


def described(
    connection: duckdb.DuckDBPyConnection,
    *,
    rows: pa.Table,
    findings: Findings,
    decimal_mark: str,
    limits: Limits,
) -> pa.Table:
    """The rows with a column of words a kind of problem, as `refused_rows` takes them."""
    values = value_verdicts(
        connection, rows=rows, decimal_mark=decimal_mark, limit=limits.max_interval_kwh
    )
    found = {name: findings.place[name] for name in findings.place.column_names}
    table = pa.table(
        {
            **{name: plain(rows[name]) for name in rows.column_names},
            **found,
            "moment": findings.moment,
            "is_wrong_unit": findings.is_wrong_unit,
            "is_off_grid": findings.is_off_grid,
            "interval_seconds": findings.interval_seconds,
            "value_problem": values["problem"],
        }
    )
    return select(connection, _PROBLEMS, tables={"findings": table})


def late_problems(
    *, rows: ValidRows, meters: Meters, repeats: Repeats, registers: Integers
) -> pa.Table:
    """What only a whole file shows, by rising line_number: value_problem and key_problem.

    Beside them organization_id, that of the site. `registers` are the rows of meters that send a
    cumulative register.
    """
    conflicts = np.flatnonzero(repeats.conflict)
    earlier = rows.line_number[repeats.first[conflicts]]
    has_key = np.zeros(len(conflicts), bool)
    if rows.key is not None:
        has_key = rows.key.is_valid().to_numpy(zero_copy_only=False)[conflicts]
    subject = np.where(has_key, "idempotency_key stands", "meter and interval stand")
    words = np.char.add(np.char.add(subject, " already on line "), earlier.astype(str))
    words = np.char.add(words, " with another payload; that one stays")
    late = np.r_[conflicts, registers]
    return pa.table(
        {
            "line_number": rows.line_number[late],
            "organization_id": meters.organization_id.take(pa.array(rows.meter[late])).cast(
                pa.string()
            ),
            "value_problem": pa.concat_arrays(
                [
                    pa.nulls(len(conflicts), pa.string()),
                    pa.repeat(CUMULATIVE_PROBLEM, len(registers)),
                ]
            ),
            "key_problem": pa.concat_arrays(
                [pa.array(words.tolist(), pa.string()), pa.nulls(len(registers), pa.string())]
            ),
        }
    ).sort_by("line_number")


def described_late(*, rows: pa.Table, late: pa.Table) -> pa.Table:
    """The rows with their late problems, row by row, as `refused_rows` takes them."""
    count = rows.num_rows
    none = pa.nulls(count, pa.string())
    return pa.table(
        {
            **{name: plain(rows[name]) for name in rows.column_names},
            "organization_id": late["organization_id"],
            "site_problem": none,
            "is_foreign": pa.array(np.zeros(count, bool)),
            "meter_problem": none,
            "unit_problem": none,
            "timestamp_problem": none,
            "value_problem": late["value_problem"],
            "key_problem": late["key_problem"],
        }
    )
