"""The programme's marts over a history that is built as it unfolds, and in one go."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from csi_history import CAPPED, EIGHT_PAYMENTS, NINE_PAYMENTS, History, history
from csi_inputs import CsiDirectory
from csi_reference import payment_lines, quantity, version_in
from dbt_session import DbtSession

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.dbt_yaml import tag
from cei_assets.contracts.tables.csi import CSI_LEDGER
from cei_assets.contracts.tables.dbt_models import DBT_TABLES
from cei_assets.core.csi.timeline import runs_due

ZONE = "America/Los_Angeles"
# two runs are sealed after the first build, two are due at the second, the rest at the third
STAGES = tuple(datetime.fromisoformat(day) for day in ("2014-02-05", "2014-08-05", "2015-11-05"))
LINES = "select * from marts.fct_csi_payments order by run_quarter, application_id, paid_quarter"
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@dataclass(frozen=True, kw_only=True)
class Unfolded:
    """What was built: lines and marts stage by stage, and from an empty warehouse at the end."""

    data: CsiDirectory
    dbt: DbtSession
    told: History
    ledger: list[dict[str, Any]]
    lines: list[list[dict[str, Any]]]
    held: dict[str, list[dict[str, Any]]]
    at_once: dict[str, list[dict[str, Any]]]


COMPARED = (
    "marts.fct_csi_intervals",
    "marts.fct_csi_months",
    "marts.rpt_csi_calendar",
    "intermediate.int_csi_quantities",
)


def _tables(data: CsiDirectory) -> dict[str, list[dict[str, Any]]]:
    return {name: data.rows(f"select * from {name} order by all") for name in COMPARED}


@pytest.fixture(scope="module")
def unfolded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unfolded]:
    told = history(seed=11)
    data = CsiDirectory(
        root=tmp_path_factory.mktemp("programme"),
        replacements=list(told.replacements),
        late_decisions=list(told.late_decisions),
    )
    data.write_applications(told.applications)
    lines = []
    with DbtSession(data.root) as dbt:
        for number, stage in enumerate(STAGES):
            data.write_decisions(known_at=stage)
            ledger = data.write_uploads([u for u in told.uploads if u.submitted_at_utc <= stage])
            data.prepare_build(as_of=stage, catch_up="hold", is_full=number == 0)
            if number == 0:
                dbt.build("--full-refresh", "--select", "tag:csi")
                lines.append(data.rows(LINES))
                data.seal(sealed_at=stage + timedelta(hours=1))
            else:
                dbt.build("--select", "tag:csi", *WITHOUT_UNIT_TESTS)
                lines.append(data.rows(LINES))
        held = _tables(data)
        data.unseal()
        data.prepare_build(as_of=STAGES[-1], catch_up="hold", is_full=True)
        dbt.build("--full-refresh", "--select", "tag:csi", *WITHOUT_UNIT_TESTS)
        yield Unfolded(
            data=data,
            dbt=dbt,
            told=told,
            ledger=ledger.to_pylist(),
            lines=[*lines, data.rows(LINES)],
            held=held,
            at_once=_tables(data),
        )


def test_every_line_is_that_of_the_reference(unfolded: Unfolded) -> None:
    """Kind, amount, quantity, months and uploads; runs that were sealed, and computed later."""
    told = unfolded.told
    expected = payment_lines(
        uploads=told.uploads,
        ledger=unfolded.ledger,
        applications=told.applications,
        replacements=told.replacements,
        late_decisions=told.late_decisions,
        runs=runs_due(date(2013, 9, 1), as_of_utc=STAGES[-1], zone=ZONE),
        pays_catch_up=False,
    )
    for lines in unfolded.lines[2:]:
        found = {
            (row["run_quarter"], row["application_id"], row["paid_quarter"]): (
                row["line_kind"],
                row["amount_usd"],
                row["line_quantity"],
                row["months_included"] or "",
                row["receipts_included"] or "",
            )
            for row in lines
        }
        assert found == expected
    kinds = Counter(kind for kind, *_ in expected.values())
    assert min(kinds["payment"], kinds["adjustment"]) > 20
    assert any(amount < 0 for _, amount, *_ in expected.values())


def test_sealed_lines_never_change(unfolded: Unfolded) -> None:
    first, second, third, _ = unfolded.lines
    sealed_at = STAGES[0] + timedelta(hours=1)
    sealed = [row | {"sealed_at_utc": sealed_at} for row in first]
    assert {row["run_quarter"] for row in sealed} == {"2013-Q3", "2013-Q4"}
    for later in (second, third):
        assert [row for row in later if row["sealed_at_utc"]] == sealed
    assert {row["run_quarter"] for row in second if not row["sealed_at_utc"]} == {
        "2014-Q1",
        "2014-Q2",
    }


def test_a_build_in_one_go_gives_the_same(unfolded: Unfolded) -> None:
    """Months that were taken in as their files changed, and lines that were sealed on the way."""
    for name in COMPARED:
        assert unfolded.held[name] == unfolded.at_once[name], name
    by_stages, at_once = (
        [{**row, "sealed_at_utc": None} for row in lines] for lines in unfolded.lines[2:]
    )
    assert by_stages == at_once


@pytest.mark.parametrize(("application_id", "count"), [(NINE_PAYMENTS, 9), (EIGHT_PAYMENTS, 8)])
def test_a_term_that_opens_a_quarter_is_paid_in_8_others_in_9(
    unfolded: Unfolded, application_id: str, count: int
) -> None:
    lines = [row for row in unfolded.lines[2] if row["application_id"] == application_id]
    assert len(lines) == count
    assert {row["line_kind"] for row in lines} == {"payment"}
    months = ",".join(row["months_included"] for row in lines).split(",")
    assert len(months) == len(set(months)) == 24


def test_a_cap_is_paid_to_the_cent_and_not_beyond(unfolded: Unfolded) -> None:
    lines = [row for row in unfolded.lines[2] if row["application_id"] == CAPPED]
    assert sum(row["amount_usd"] for row in lines) == Decimal("500.00")
    assert sum(row["uncapped_usd"] for row in lines) > Decimal("500.00")


def test_months_show_the_quantity_of_the_upload_that_holds(unfolded: Unfolded) -> None:
    contents = {upload.receipt_id: upload for upload in unfolded.told.uploads}
    effective = {row["receipt_id"] for row in unfolded.ledger if row["is_effective"]}
    months = unfolded.held["marts.fct_csi_months"]
    assert {row["receipt_id"] for row in months} == effective
    for row in months:
        terms = version_in(
            unfolded.told.applications, row["application_id"], row["application_month"]
        )
        assert terms is not None
        if row["displaced_quantity"] is None:
            assert row["payable_status"] in (
                "unknown conversion method",
                "no efficiency in the register",
            )
            continue
        upload = contents[row["receipt_id"]]
        assert row["displaced_quantity"] == quantity(upload, terms, pays_catch_up=False)
        assert row["interval_count"] == row["grid_intervals"]
    found = {row["payable_status"] for row in months}
    assert found >= {"payable", "late, not decided", "late, denied", "outside the term"}


def test_intervals_of_superseded_uploads_have_left(unfolded: Unfolded) -> None:
    effective = {row["receipt_id"] for row in unfolded.ledger if row["is_effective"]}
    superseded = {row["receipt_id"] for row in unfolded.ledger if row["effective_to_utc"]}
    found = {row["receipt_id"] for row in unfolded.held["marts.fct_csi_intervals"]}
    assert found == effective
    assert len(superseded) > 10


def test_empty_and_zero_stay_apart(unfolded: Unfolded) -> None:
    contents = {upload.receipt_id: upload for upload in unfolded.told.uploads}
    for row in unfolded.held["marts.fct_csi_months"]:
        column = "solar_btu" if row["tank_configuration"] == 2 else "total_btu"
        heat = [cell.get(column) for cell in contents[row["receipt_id"]].cells.values()]
        assert row["zero_intervals"] == heat.count(0)
        filled = len(heat) - heat.count(None)
        assert row["empty_intervals"] == row["grid_intervals"] - filled


def test_a_build_without_news_reads_no_month(unfolded: Unfolded) -> None:
    unfolded.data.prepare_build(as_of=STAGES[-1], catch_up="hold")
    done = unfolded.dbt.run("run", "--select", "+int_csi_months_changed")
    assert done.success, done.failures
    assert unfolded.data.rows("select * from intermediate.int_csi_months_changed") == []


# What a person with a database client could do to the tables, and the test that has to notice.
TAMPERED = {
    "csi_intervals_sum_to_the_ledger": """
        update marts.fct_csi_intervals set total_btu = total_btu + 1 where total_btu is not null
    """,
    "csi_late_decisions_are_the_ledgers": """
        update intermediate.int_csi_late_decisions set late_decision = 'deny'
        where late_decision = 'pay' and late_decided_until_utc is null
    """,
    "csi_months_are_complete": """
        delete from marts.fct_csi_months where application_id = 'PGE-00000'
    """,
    "csi_payments_equal_entitlements": """
        update marts.fct_csi_payments set amount_usd = amount_usd - 0.01
        where sealed_at_utc is null and application_id = 'PGE-00001'
    """,
    "csi_payments_rest_on_effective_uploads": """
        update marts.fct_csi_payments set receipts_included = 'nobody'
        where sealed_at_utc is null and application_id = 'PGE-00002'
    """,
    "csi_payments_stay_below_the_cap": f"""
        update marts.fct_csi_payments set amount_usd = amount_usd + 0.01
        where application_id = '{CAPPED}' and run_quarter = '2013-Q3'
    """,
    "csi_sealed_lines_stand": """
        update marts.fct_csi_payments set sealed_at_utc = now()
        where application_id = 'PGE-00003'
    """,
}


def test_every_reconciliation_notices_what_it_is_there_for(unfolded: Unfolded) -> None:
    kept = unfolded.data.root / "kept.duckdb"
    shutil.copy(unfolded.data.paths.warehouse, kept)
    with duckdb.connect(str(unfolded.data.paths.warehouse)) as connection:
        for statement in TAMPERED.values():
            connection.execute(statement)
    done = unfolded.dbt.run(
        "build",
        "--full-refresh",
        "--resource-type",
        "test",
        "--select",
        "tag:csi,test_type:singular",
    )
    assert {name.split(".")[2] for name in done.failures} == set(TAMPERED)
    assert len(done.statuses) == len(TAMPERED)
    kept.replace(unfolded.data.paths.warehouse)


def test_columns_are_the_declared_ones(unfolded: Unfolded) -> None:
    declared = {
        (table.layer, table.name): [(column.name, column.field.type) for column in table.columns]
        for table in DBT_TABLES
        if tag(table) == "csi"
    }
    with duckdb.connect(str(unfolded.data.paths.warehouse), read_only=True) as connection:
        found = {
            (layer, name): [
                row[:2] for row in connection.execute(f"describe {layer}.{name}").fetchall()
            ]
            for layer, name in declared
        }
    assert found == declared


def test_another_upload_holds_although_the_file_of_intervals_is_the_same(
    unfolded: Unfolded,
) -> None:
    """The ledger alone changes, as when a replacement is taken back by hand; a month goes."""
    data = unfolded.data
    new = next(row for row in unfolded.ledger if row["is_effective"] and row["replaces_receipt_id"])
    old_id, new_id = new["replaces_receipt_id"], new["receipt_id"]
    switched = {
        old_id: {"is_effective": True, "effective_to_utc": None},
        new_id: {"is_effective": False, "effective_to_utc": new["effective_from_utc"]},
    }
    gone = date(2015, 9, 1)
    changed = [
        row | switched.get(row["receipt_id"], {})
        for row in unfolded.ledger
        if row["application_month"] != gone
    ]
    data.write_ledger(pa.Table.from_pylist(changed, schema=arrow_schema(CSI_LEDGER)))
    (data.paths.csi("intervals") / f"application_month={gone}" / "part.parquet").unlink()
    data.prepare_build(as_of=STAGES[-1], catch_up="hold")
    done = unfolded.dbt.run("run", "--select", "tag:csi")
    assert done.success, done.failures
    assert data.rows("select application_month from intermediate.int_csi_months_changed") == [
        {"application_month": new["application_month"]},
        {"application_month": gone},
    ]
    assert data.rows(
        "select count(*) as n from intermediate.int_csi_months_loaded "
        f"where application_month = '{gone}'"
    ) == [{"n": 0}]
    found = {
        row["receipt_id"]
        for row in data.rows("select distinct receipt_id from marts.fct_csi_intervals")
    }
    assert found == {row["receipt_id"] for row in changed if row["is_effective"]}


def test_another_setting_for_catch_up_values_counts_them_anew(unfolded: Unfolded) -> None:
    data = unfolded.data
    before = data.rows("select * from intermediate.int_csi_heat_counted order by receipt_id")
    data.prepare_build(as_of=STAGES[-1], catch_up="pay")
    done = unfolded.dbt.run("run", "--select", "+int_csi_heat_counted")
    assert done.success, done.failures
    after = data.rows("select * from intermediate.int_csi_heat_counted order by receipt_id")
    assert sum(row["held_catch_up_intervals"] for row in before) > 50
    assert sum(row["held_catch_up_intervals"] for row in after) == 0
    assert len(before) == len(after)
    assert sum(row["delivered_btu"] for row in before) < sum(row["delivered_btu"] for row in after)
