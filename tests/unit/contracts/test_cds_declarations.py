"""Tables and fields of CDS customer data hang together with everything else that is declared."""

from collections import Counter

import pytest

from cei_assets.contracts import fields
from cei_assets.contracts.cds_fields import CDS_FIELDS
from cei_assets.contracts.cds_object_fields import CDS_OBJECT_FIELDS
from cei_assets.contracts.cds_object_vocabulary import CDS_WORD_ALIASES, CDS_WORDS
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
from cei_assets.contracts.tables.cds_objects import CDS_OBJECT_TABLES
from cei_assets.contracts.vocabulary import ReadingQuality
from cei_assets.core.cds.rollup import FORMAT_SERIES
from tests.cds_field_tables import ENUMS


def test_no_field_is_declared_twice() -> None:
    declared = (*fields._FIELDS, *CSI_FIELDS, *CDS_FIELDS, *CDS_OBJECT_FIELDS)
    names = Counter(field.name for field in declared)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("table", [*CDS_TABLES, *CDS_OBJECT_TABLES], ids=lambda table: table.name)
def test_grain_and_references_name_columns_that_exist(table: Table) -> None:
    assert set(table.grain) <= set(table.column_names)
    assert len(set(table.column_names)) == len(table.column_names)
    by_name = {other.name: other for other in (*CDS_TABLES, *CDS_OBJECT_TABLES)}
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


def test_every_field_of_objects_has_its_place() -> None:
    used = {name for table in CDS_OBJECT_TABLES for name in table.column_names}
    assert {field.name for field in CDS_OBJECT_FIELDS} <= used


LISTS = {
    "account_types": "account", "account_status": "account_status", "contract_types": "contract",
    "contract_status": "contract_status", "service_types": "service", "charge_types": "charge",
    "servicepoint_types": "servicepoint", "meter_types": "meter", "section_types": "section",
    "usage_detail_types": "usage_detail", "cost_detail_types": "cost_detail",
    "line_item_types": "line_item", "aggregation_types": "aggregation",
}  # fmt: skip


# Words of 1.6 and 1.8 that the server of the tests never sends.
UNSENT = {
    "meter_types": "wifi_capable wifi_enabled wifi_configured zigbee_capable zigbee_enabled "
    "zigbee_configured",
    "aggregation_types": "account_program_number service_program_number servicepoint_number "
    "servicepoint_type premise_number meter_number meter_type meter_app_number",
}


@pytest.mark.parametrize(("words", "enum"), LISTS.items())
def test_lists_of_words_are_those_of_the_specification(words: str, enum: str) -> None:
    known = {*CDS_WORDS[words], *CDS_WORD_ALIASES.get(words, {})}
    assert known == ENUMS[enum] | set(UNSENT.get(words, "").split())


def test_words_have_no_comma_so_that_lists_of_them_can_be_joined() -> None:
    assert not [word for words in CDS_WORDS.values() for word in words if "," in word]
