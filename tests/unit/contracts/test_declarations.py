"""What is declared hangs together: types, grains, references, names."""

import pytest

from cei_assets.contracts.fields import FIELDS, columns
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema, arrow_type
from cei_assets.contracts.tables.analysis import ANALYSIS_TABLES
from cei_assets.contracts.tables.intake import INTAKE_TABLES
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.contracts.tables.register import PUBLIC_HOLIDAYS, REGISTER_TABLES

GROUPS = (MART_TABLES, (*REGISTER_TABLES, PUBLIC_HOLIDAYS), INTAKE_TABLES, ANALYSIS_TABLES)
TABLES = [pytest.param(table, group, id=table.name) for group in GROUPS for table in group]


@pytest.mark.parametrize(("table", "group"), TABLES)
def test_grain_and_references_name_columns_that_exist(
    table: Table, group: tuple[Table, ...]
) -> None:
    assert set(table.grain) <= set(table.column_names)
    assert len(set(table.column_names)) == len(table.column_names)
    by_name = {other.name: other for other in group}
    for reference in table.references:
        assert set(reference.columns) <= set(table.column_names)
        assert set(by_name[reference.table].grain) == set(reference.columns)


@pytest.mark.parametrize("name", list(FIELDS))
def test_every_field_says_what_it_is_in_a_type_that_can_be_rendered(name: str) -> None:
    field = FIELDS[name]
    assert field.description.endswith(".")
    arrow_type(field.type)
    if name.endswith("_kwh") and name != "price_per_kwh":
        assert field.unit in ("kWh", "kWh/a", "kgCO2e/kWh")
    if name.endswith(("_utc", "_local")):
        assert field.type == "TIMESTAMP"


def test_money_and_received_energy_are_never_floats() -> None:
    for name in ("price_per_kwh", "capex", "cost", "cost_low", "cost_high", "usage_kwh"):
        assert FIELDS[name].type.startswith("DECIMAL"), name


def test_columns_are_named_once_and_a_question_mark_makes_one_nullable() -> None:
    first, second = columns("site_id capex?")
    assert (first.name, first.nullable) == ("site_id", False)
    assert (second.name, second.nullable) == ("capex", True)
    with pytest.raises(KeyError):
        columns("no_such_field")


def test_a_table_finds_its_columns_by_name() -> None:
    table = REGISTER_TABLES[0]
    assert table.column("organization_id").field is FIELDS["organization_id"]
    with pytest.raises(KeyError, match="organizations has no column 'colour'"):
        table.column("colour")


def test_an_arrow_schema_carries_types_nullability_meaning_and_unit() -> None:
    schema = arrow_schema(MART_TABLES[4])
    assert schema.metadata[b"description"].decode() == MART_TABLES[4].description
    usage = schema.field("usage_kwh")
    assert str(usage.type) == "decimal128(18, 9)"
    assert not usage.nullable
    assert usage.metadata[b"unit"] == b"kWh"
    assert str(schema.field("interval_start_utc").type) == "timestamp[us]"


def test_an_undeclared_type_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no Arrow type for 'FLOAT'.*DECIMAL\(p,s\)"):
        arrow_type("FLOAT")
