"""Tables and fields of CDS customer data hang together with everything else that is declared."""

from collections import Counter

import pytest

from cei_assets.contracts import fields
from cei_assets.contracts.cds_fields import CDS_FIELDS
from cei_assets.contracts.cds_vocabulary import (
    CDS_ID_FIELDS,
    CDS_QUALITY_ORDER,
    CDS_REFUSING_CODES,
    CdsCode,
    CdsObjectKind,
)
from cei_assets.contracts.csi_fields import CSI_FIELDS
from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.cds import CDS_TABLES
from cei_assets.contracts.vocabulary import ReadingQuality
from cei_assets.core.cds.rollup import FORMAT_SERIES


def test_no_field_is_declared_twice() -> None:
    names = Counter(field.name for field in (*fields._FIELDS, *CSI_FIELDS, *CDS_FIELDS))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("table", CDS_TABLES, ids=lambda table: table.name)
def test_grain_and_references_name_columns_that_exist(table: Table) -> None:
    assert set(table.grain) <= set(table.column_names)
    assert len(set(table.column_names)) == len(table.column_names)
    by_name = {other.name: other for other in CDS_TABLES}
    for reference in table.references:
        assert set(reference.columns) <= set(table.column_names)
        assert set(by_name[reference.table].grain) == set(reference.columns)


def test_every_field_has_its_place() -> None:
    used = {name for table in CDS_TABLES for name in table.column_names}
    hours = {
        "cds_hour_start_utc", "hour_quantity", "covered_seconds", "missing_seconds",
        "worst_quality", "is_prorated", "is_hour_covered",
    }  # fmt: skip
    assert {field.name for field in CDS_FIELDS} - used == hours
    assert set(FORMAT_SERIES) <= used


def test_vocabularies_are_complete() -> None:
    assert set(CDS_QUALITY_ORDER) == set(ReadingQuality)
    assert set(CDS_ID_FIELDS) == set(CdsObjectKind)
    assert set(CdsCode) > CDS_REFUSING_CODES
