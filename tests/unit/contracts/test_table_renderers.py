"""pandera schemas, expectations and SQL say what the contract says."""

from datetime import datetime, timedelta
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Column, Field, Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.expectations import expectations_of
from cei_assets.contracts.render.pandera import failure_cases, pandera_schema, validate_arrow
from cei_assets.contracts.render.sql import comments, create_table
from cei_assets.contracts.tables.marts import MART_TABLES

MIDNIGHT = datetime.fromisoformat("2026-01-01T00:00")
READINGS = Table(
    name="readings",
    layer="marts",
    subject="test",
    description="Readings of the site's meters.",
    columns=columns("site_id meter_id role interval_start_utc usage_kwh coverage? note?"),
    grain=("site_id", "meter_id", "interval_start_utc"),
)
GOOD = {
    "site_id": "mill",
    "meter_id": "main",
    "role": "main_incomer",
    "interval_start_utc": MIDNIGHT,
    "usage_kwh": Decimal("1.5"),
    "coverage": 1.0,
    "note": None,
}


def rows(*changes: dict[str, object]) -> pa.Table:
    """Good rows of successive hours with some cells replaced."""
    return pa.Table.from_pylist(
        [
            GOOD | {"interval_start_utc": MIDNIGHT + timedelta(hours=hour)} | change
            for hour, change in enumerate(changes)
        ],
        schema=pa.schema([field.with_nullable(True) for field in arrow_schema(READINGS)]),
    )


def test_good_rows_break_nothing() -> None:
    assert validate_arrow(READINGS, rows({}, {"coverage": None}, {"usage_kwh": Decimal(0)})) == []


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"site_id": None}, "site_id", "a value"),
        ({"site_id": " mill"}, "site_id", r"text like ^\S(.*\S)?$"),
        ({"role": "boss"}, "role", "one of main_incomer, submeter"),
        ({"usage_kwh": Decimal("-0.000000001")}, "usage_kwh", "at least 0 kWh"),
        ({"usage_kwh": Decimal("1000000.000000001")}, "usage_kwh", "at most 1000000 kWh"),
        ({"coverage": 1.0000001}, "coverage", "at most 1"),
    ],
)
def test_a_cell_that_breaks_the_contract_is_found(
    change: dict[str, object], column: str, expected: str
) -> None:
    (finding,) = validate_arrow(READINGS, rows({}, change))
    assert (finding.where, finding.column, finding.expected) == (
        "marts.readings",
        column,
        expected,
    )
    assert finding.rows == 1
    assert "in row 1" in finding.found


def test_a_repeated_grain_is_found_with_all_its_rows() -> None:
    again = {"interval_start_utc": MIDNIGHT}
    cases = failure_cases(READINGS, rows({}, again, {}))
    assert cases["row"].tolist() == [0, 1]
    assert set(cases["expected"]) == {"one row each"}
    (finding,) = validate_arrow(READINGS, rows({}, again, {}))
    assert finding.column == "site_id, meter_id, interval_start_utc"
    assert finding.rows == 2


def test_all_failures_come_at_once_with_examples_and_their_number() -> None:
    negative = {"usage_kwh": Decimal(-1)}
    found = validate_arrow(READINGS, rows(*[negative] * 5, {"role": "boss"}), examples=2)
    by_column = {finding.column: finding for finding in found}
    assert set(by_column) == {"usage_kwh", "role"}
    assert by_column["usage_kwh"].rows == 5
    assert by_column["usage_kwh"].found.endswith("in row 1 and 3 more")


def test_missing_unknown_and_mistyped_columns_are_named_and_the_rest_is_judged() -> None:
    data = rows({}, {"role": "boss"})
    data = data.drop_columns(["note"]).append_column("colour", pa.array(["red", "blue"]))
    at = data.column_names.index("coverage")
    data = data.set_column(at, "coverage", pa.array(["1", "1"]))
    found = {finding.column: finding for finding in validate_arrow(READINGS, data)}
    assert found["note"].found == "no such column"
    assert found["coverage"].found == "type string"
    assert found["coverage"].expected == "type double"
    assert found["colour"].found == "a column that is not declared"
    assert found["role"].expected == "one of main_incomer, submeter"
    assert len(found) == 4


def test_the_pandera_schema_is_strict_typed_and_knows_the_grain() -> None:
    schema = pandera_schema(READINGS)
    assert schema.strict
    assert schema.unique == list(READINGS.grain)
    assert {name: column.nullable for name, column in schema.columns.items()} == {
        column.name: column.nullable for column in READINGS.columns
    }
    assert "decimal128(18, 9)" in str(schema.columns["usage_kwh"].dtype)


def test_every_mart_has_a_schema_that_accepts_its_empty_table() -> None:
    for table in MART_TABLES:
        assert validate_arrow(table, arrow_schema(table).empty_table()) == [], table.name


def test_expectations_say_columns_presence_lists_limits_and_grain() -> None:
    found = {(item.kind, item.column): item.arguments for item in expectations_of(READINGS)}
    assert found == {
        ("ExpectTableColumnsToMatchOrderedList", None): {
            "column_list": list(READINGS.column_names)
        },
        **{
            ("ExpectColumnValuesToNotBeNull", name): {}
            for name in ("site_id", "meter_id", "role", "interval_start_utc", "usage_kwh")
        },
        ("ExpectColumnValuesToBeInSet", "role"): {"value_set": ["main_incomer", "submeter"]},
        ("ExpectColumnValuesToBeBetween", "usage_kwh"): {"min_value": 0.0, "max_value": 1e6},
        ("ExpectColumnValuesToBeBetween", "coverage"): {"min_value": 0.0, "max_value": 1.0},
        ("ExpectCompoundColumnsToBeUnique", None): {"column_list": list(READINGS.grain)},
    }


def test_a_grain_of_one_column_is_expected_to_be_unique_by_itself() -> None:
    organizations = MART_TABLES[0]
    last = expectations_of(organizations)[-1]
    assert (last.kind, last.column) == ("ExpectColumnValuesToBeUnique", "organization_id")


def test_sql_makes_the_table_and_its_comments() -> None:
    quoted = Field(name="it's", type="VARCHAR", description="It's quoted.", unit="1")
    table = Table(
        name="readings",
        layer="marts",
        subject="test",
        description="The site's readings.",
        columns=(*READINGS.columns, Column(field=quoted, nullable=True)),
        grain=("site_id",),
    )
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(create_table(table, schema="marts"))
        for statement in comments(table, schema="marts"):
            connection.execute(statement)
        described = connection.execute(
            "select column_name, data_type, is_nullable, comment from duckdb_columns() "
            "where table_name = 'readings' order by column_index"
        ).fetchall()
        (comment,) = connection.execute(
            "select comment from duckdb_tables() where table_name = 'readings'"
        ).fetchall()[0]
    assert [(name, kind, empty) for name, kind, empty, _ in described] == [
        (column.name, column.field.type, column.nullable) for column in table.columns
    ]
    texts = {name: text for name, *_, text in described}
    assert texts["usage_kwh"] == "Energy of the interval. Unit: kWh."
    assert texts["it's"] == "It's quoted. Unit: 1. May be empty."
    assert comment == "The site's readings. One row per site_id."
