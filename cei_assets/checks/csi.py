"""Checks on the CSI-Thermal programme: accepted rows, effective months, payment runs."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pandera.errors import SchemaErrors

from cei_assets.checks.verdict import CheckVerdict, verdict_of
from cei_assets.contracts.csi_vocabulary import BackupType
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import CSI_INTERVALS, CSI_PAYMENT_LINES, CSI_UPLOADS
from cei_assets.core.csi.months import INTERVALS_PER_DAY
from cei_assets.storage.csi_payments import broken_seals, sealed_lines, sealed_quarters
from cei_assets.storage.paths import DataPaths

# Reports held in memory at once: 260,000 rows.
_REPORTS_AT_ONCE = 88
_ENERGY = {"solar_btu": ("D", 2), "total_btu": ("E", 1)}
_BACKUP = {
    "backup_gas_therms": ("F", BackupType.GAS),
    "backup_electric_kwh": ("G", BackupType.ELECTRIC),
    "backup_propane_therms": ("H", BackupType.PROPANE),
}


def exclusive_columns(
    days: Sequence[date], *, paths: DataPaths, zero_is_data: bool = True
) -> CheckVerdict:
    """Second lock on accepted intervals: values only in the columns that the system has.

    Rules X01 and X02 once more, on the stored rows of the received days and by the tanks and
    back-up of their upload; a zero in another column counts unless `zero_is_data` is off.
    """
    offenders: list[str] = []
    rows = 0
    schema = _exclusive_schema(zero_is_data=zero_is_data)
    for intervals, systems in _accepted(days, paths):
        rows += intervals.num_rows
        offenders += _exclusive_findings(intervals, systems, schema)
    return verdict_of(
        offenders,
        expected="accepted intervals with values only in the columns of their system",
        none_found=f"so in all {rows} rows",
    )


def effective_months_complete(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """Every effective month has 96 intervals a day, and no other upload has any."""
    offenders = connection.execute(
        f"""
        with effective as (
            select application_id, application_month, receipt_id
            from marts.rpt_csi_performance_data where is_effective
        ),
        held as (
            select application_id, application_month, receipt_id, count(*) as intervals
            from marts.fct_csi_intervals group by all
        )
        select format('{{}} {{}} (receipt {{}}): {{}} intervals, expected {{}}', application_id,
            strftime(application_month, '%Y-%m'), receipt_id, coalesce(held.intervals, 0),
            case when effective.receipt_id is null then 'none, since it is not effective'
                else ({INTERVALS_PER_DAY} * day(last_day(application_month)))::varchar end)
        from effective
        full join held using (application_id, application_month, receipt_id)
        where effective.receipt_id is null or held.intervals is distinct from
            {INTERVALS_PER_DAY} * day(last_day(application_month))
        order by 1
        """
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected=f"{INTERVALS_PER_DAY} intervals a day in every effective month, no others",
        none_found="so in every effective month",
    )


def intervals_unique(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """No application has an interval twice."""
    offenders = connection.execute(
        """
        select format('{} {}: {} times', application_id,
            strftime(interval_end_pst, '%Y-%m-%d %H:%M'), count(*))
        from marts.fct_csi_intervals
        group by application_id, interval_end_pst having count(*) > 1
        order by application_id, interval_end_pst
        """
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected="every interval of an application once",
        none_found="no interval twice",
    )


def payments_rest_on_effective_uploads(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """Every upload of a line that is not sealed was a Success in force at the run's cutoff."""
    return verdict_of(
        _unfounded(connection, sealed=False),
        expected="lines that rest on Successes in force at their cutoff, of their application",
        none_found="so for every line that is not sealed",
    )


def sealed_payments_still_hold(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """The ledger has not changed under sealed lines.

    It does when an upload that was submitted earlier is taken in later, or when uploads are
    judged again; the next run adjusts the amount.
    """
    return verdict_of(
        _unfounded(connection, sealed=True),
        expected="sealed lines whose uploads are still Successes in force at their cutoff",
        none_found="so for every sealed line",
    )


def sealed_runs_unchanged(
    connection: duckdb.DuckDBPyConnection, *, paths: DataPaths
) -> CheckVerdict:
    """Files of sealed runs are as sealed, and the marts show exactly their lines."""
    quarters = sealed_quarters(paths)
    offenders = broken_seals(paths)
    if not offenders:
        offenders = _differing_lines(connection, quarters, paths)
    return verdict_of(
        offenders,
        expected="files and lines of sealed runs as they were sealed",
        none_found=f"so in all {len(quarters)} sealed runs",
    )


def _accepted(days: Sequence[date], paths: DataPaths) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Accepted intervals of the days, some reports at a time, with the systems of their uploads."""
    for day in days:
        files = _files(paths.raw_partition(CSI_INTERVALS.name, day))
        for start in range(0, len(files), _REPORTS_AT_ONCE):
            some = files[start : start + _REPORTS_AT_ONCE]
            folder = paths.raw_partition(CSI_UPLOADS.name, day)
            uploads = [folder / file.name for file in some if (folder / file.name).exists()]
            # Without a schema of ours: a file with other columns is a finding, not an error.
            intervals = pa.concat_tables(
                [ds.dataset(str(file), format="parquet").to_table() for file in some],
                promote_options="permissive",
            )
            yield intervals, _systems(uploads)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _systems(files: Sequence[Path]) -> pa.Table:
    names = ["receipt_id", "tank_configuration", "backup_type"]
    schema = pa.schema([arrow_schema(CSI_UPLOADS).field(name) for name in names])
    if not files:
        return schema.empty_table()
    return ds.dataset([str(file) for file in files], schema=schema, format="parquet").to_table()


def _exclusive_schema(*, zero_is_data: bool) -> pa_pandas.DataFrameSchema:
    """Rules X01 and X02 as checks over whole rows; the text of each is what was expected."""

    def only_with(column: str, condition: str, wanted: object, error: str) -> pa_pandas.Check:
        def holds(frame: pd.DataFrame) -> pd.Series:
            is_data = frame[column].notna()
            if not zero_is_data:
                is_data &= (frame[column] != 0).fillna(value=False)
            return ~is_data | (frame[condition] == wanted).fillna(value=False)

        return pa_pandas.Check(holds, error=error)

    energy = [
        only_with(
            column,
            "tank_configuration",
            tanks,
            f"X01: column {letter} only in {tanks}-tank systems",
        )
        for column, (letter, tanks) in _ENERGY.items()
    ]
    backup = [
        only_with(
            column, "backup_type", fuel.value, f"X02: column {letter} only with {fuel} back-up"
        )
        for column, (letter, fuel) in _BACKUP.items()
    ]
    return pa_pandas.DataFrameSchema(checks=[*energy, *backup])


def _exclusive_findings(
    intervals: pa.Table, systems: pa.Table, schema: pa_pandas.DataFrameSchema
) -> list[str]:
    names = ["receipt_id", "line_number", *_ENERGY, *_BACKUP]
    if not set(names) <= set(intervals.column_names):
        return []  # the check of the contract names the missing columns
    index = pc.index_in(intervals["receipt_id"], value_set=systems["receipt_id"].combine_chunks())
    rows = intervals.select(names)
    for name in ("tank_configuration", "backup_type"):
        rows = rows.append_column(name, systems[name].take(index))
    frame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases[["check", "index"]].drop_duplicates()
        return [
            f"receipt {place['receipt_id']}, line {place['line_number']}: {check}"
            for check, place in zip(
                cases["check"], frame.loc[cases["index"]].to_dict("records"), strict=True
            )
        ]
    return []


def _unfounded(connection: duckdb.DuckDBPyConnection, *, sealed: bool) -> list[str]:
    """Lines with an upload that was no Success in force at the cutoff, or with no upload at all."""
    found = connection.execute(
        """
        with lines as (
            select * from marts.fct_csi_payments where (sealed_at_utc is not null) = $sealed
        ),
        used as (
            select run_quarter, run_cutoff_utc, application_id, paid_quarter,
                trim(unnest(string_split(receipts_included, ','))) as receipt_id
            from lines where receipts_included is not null
        ),
        judged as (
            select used.*, case
                when uploads.receipt_id is null then 'is not in the ledger'
                when uploads.file_type is distinct from 'application_interval'
                    then 'is not an application interval report'
                when uploads.application_id is distinct from used.application_id
                    then 'is of ' || coalesce(uploads.application_id, 'no application')
                when uploads.csi_result <> 'Success' then 'is a Failure'
                when uploads.effective_from_utc is null
                    or uploads.effective_from_utc >= used.run_cutoff_utc
                    or uploads.effective_to_utc < used.run_cutoff_utc
                    then 'was not in force at ' || used.run_cutoff_utc::varchar || ' UTC'
            end as problem
            from used left join marts.rpt_csi_performance_data as uploads using (receipt_id)
        )
        select format('run {} of {} for {}: upload {} {}',
            run_quarter, application_id, paid_quarter, receipt_id, problem)
        from judged where problem is not null
        union all
        select format('run {} of {} for {}: {} without any upload',
            run_quarter, application_id, paid_quarter, entitled_quantity::varchar)
        from lines where receipts_included is null and (entitled_quantity <> 0 or entitled_usd <> 0)
        order by 1
        """,
        {"sealed": sealed},
    ).fetchall()
    return _texts(found)


def _differing_lines(
    connection: duckdb.DuckDBPyConnection, quarters: Sequence[str], paths: DataPaths
) -> list[str]:
    schema = arrow_schema(CSI_PAYMENT_LINES)
    held = pa.concat_tables(
        [schema.empty_table(), *(sealed_lines(paths, quarter) for quarter in quarters)]
    )
    # A run that was sealed after the marts were built has no time of sealing there yet.
    names = ", ".join(name for name in schema.names if name != "sealed_at_utc")
    connection.register("csi_sealed_lines", held)
    try:
        found = connection.execute(
            f"""
            with shown as (
                select {names} from marts.fct_csi_payments
                where run_quarter in (select unnest($quarters::varchar[]))
            ),
            sealed as (select {names} from csi_sealed_lines),
            differing as (
                select 'only in the marts' as place, * from (from shown except all from sealed)
                union all
                select 'only in the sealed run', * from (from sealed except all from shown)
            )
            select format('run {{}} of {{}} for {{}}: {{}} USD {{}}', run_quarter, application_id,
                paid_quarter, amount_usd::varchar, place)
            from differing order by 1
            """,
            {"quarters": list(quarters)},
        ).fetchall()
    finally:
        connection.unregister("csi_sealed_lines")
    return _texts(found)


def _texts(rows: Sequence[tuple[str]]) -> list[str]:
    return [text for (text,) in rows]
