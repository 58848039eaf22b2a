"""Tables that dbt builds from reference objects are declared soundly."""

from collections import Counter

import pytest

from cei_assets.contracts import fields
from cei_assets.contracts.cds_fields import CDS_FIELDS
from cei_assets.contracts.cds_model_fields import CDS_MODEL_FIELDS
from cei_assets.contracts.cds_object_fields import CDS_OBJECT_FIELDS
from cei_assets.contracts.cds_object_model_fields import CDS_OBJECT_MODEL_FIELDS
from cei_assets.contracts.cds_usage_fields import CDS_USAGE_FIELDS
from cei_assets.contracts.csi_fields import CSI_FIELDS
from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.cds_object_models import (
    CDS_OBJECT_INTERMEDIATES,
    CDS_OBJECT_MARTS,
)
from cei_assets.contracts.tables.cds_objects import CDS_OBJECT_TABLES

TABLES = (*CDS_OBJECT_INTERMEDIATES, *CDS_OBJECT_MARTS)


def test_no_column_means_two_things() -> None:
    """A name that two lists declare would silently change the other's tables."""
    declared = (
        *fields._FIELDS,
        *CSI_FIELDS,
        *CDS_FIELDS,
        *CDS_MODEL_FIELDS,
        *CDS_OBJECT_FIELDS,
        *CDS_OBJECT_MODEL_FIELDS,
        *CDS_USAGE_FIELDS,
    )
    names = Counter(field.name for field in declared)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(declared) == len(fields.FIELDS)


def test_every_field_has_its_place() -> None:
    used = {name for table in TABLES for name in table.column_names}
    assert {field.name for field in CDS_OBJECT_MODEL_FIELDS} <= used


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_grains_name_columns_and_no_column_stands_twice(table: Table) -> None:
    assert set(table.grain) <= set(table.column_names)
    assert len(set(table.column_names)) == len(table.column_names)


def test_every_raw_table_has_a_table_of_what_its_versions_say() -> None:
    contents = {table.name: table for table in CDS_OBJECT_INTERMEDIATES}
    for raw in CDS_OBJECT_TABLES:
        content = contents[f"int_{raw.name}"]
        assert {"receipt_id", "observed_at_utc", "cds_synced_utc"}.isdisjoint(content.column_names)
        assert set(content.column_names) < set(raw.column_names)


def test_no_money_or_energy_of_objects_is_a_float() -> None:
    for table in CDS_OBJECT_MARTS:
        assert {column.field.type for column in table.columns}.isdisjoint({"DOUBLE", "FLOAT"})
