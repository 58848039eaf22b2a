"""What all reference objects have in common: required members, versions, words, relations."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cei_assets.contracts.cds_object_vocabulary import CDS_THINGS
from cei_assets.contracts.cds_vocabulary import CDS_ID_FIELDS, CdsCode, CdsObjectKind
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds_objects import CDS_OBJECT_TABLES
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.objects.reading import CONTENTS
from tests.cds_field_tables import fields
from tests.cds_mock_bodies import customer
from tests.cds_objects import (
    REFERENCE,
    body,
    judged_objects,
    refusal,
    relations_of,
    row_of,
    rows_of,
)
from tests.cds_segments import SOURCE, Raw, codes, judged_text, places, text_of

SHARED = Path(os.environ.get("CEI_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
SAMPLES = sorted((SHARED / "cds").glob("*.json"))
DIALECTS = ("A", "B", "C")
METERS, POINTS = CdsObjectKind.METER_DEVICES, CdsObjectKind.SERVICE_POINTS
DRAFTED = tuple(kind for kind in REFERENCE if kind is not CdsObjectKind.PRODUCTION_PROJECTS)


def test_every_kind_is_read_into_its_own_table() -> None:
    names = {table.name for table in CDS_OBJECT_TABLES}
    assert set(CONTENTS) == set(CDS_THINGS) == set(REFERENCE)
    assert {f"cds_{kind.value}" for kind in REFERENCE} < names


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_object_of_a_customer_goes_in(dialect: str) -> None:
    store = customer(dialect)
    verdict = judged_text(text_of(store))
    assert verdict.status is UploadStatus.ACCEPTED
    assert not verdict.findings.counts
    for kind in DRAFTED:
        table = verdict.tables.objects[f"cds_{kind.value}"]
        ids = [item[CDS_ID_FIELDS[kind]] for item in store[kind.value]]
        assert table[CDS_ID_FIELDS[kind]].to_pylist() == ids
        assert verdict.counts.kept[kind] == len(ids)


@pytest.mark.parametrize(("dialect", "named"), [("A", "B"), ("B", "B"), ("C", "C")])
def test_a_file_without_usage_has_the_dialect_of_its_objects(dialect: str, named: str) -> None:
    found = judged_objects(METERS, body(METERS, "B"), body(METERS, dialect)).dialect
    assert found == named
    assert judged_objects(METERS).dialect is None


def test_every_table_is_there_as_declared_also_when_empty() -> None:
    tables = judged_text("[]").tables.objects
    assert list(tables) == [table.name for table in CDS_OBJECT_TABLES]
    for table in CDS_OBJECT_TABLES:
        assert tables[table.name].schema.equals(arrow_schema(table))


@pytest.mark.skipif(
    not SAMPLES, reason="no CDS bodies: set CEI_SHARED_DATA to the folder that has cds/"
)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_goes_in_without_a_refusal(sample: Path) -> None:
    content = sample.read_bytes()
    verdict = judged_text(content)
    assert verdict.status is UploadStatus.ACCEPTED
    assert not verdict.findings.unknown_fields
    (kind,) = verdict.objects
    assert verdict.counts.kept[kind] == len(json.loads(content)[kind.value])


def required_members() -> list[Any]:
    """Members that both texts require, by kind; `cds_created` orders nothing."""
    found = []
    for kind in DRAFTED:
        in_b, in_c = (fields(kind.value, dialect) for dialect in ("B", "C"))
        for name, field in in_c.items():
            if field.is_required and name in in_b and in_b[name].is_required:
                if name == "cds_created":
                    continue
                found.append(pytest.param(kind, name, field.is_nullable, id=f"{kind}.{name}"))
    return found


@pytest.mark.parametrize(("kind", "name", "is_nullable"), required_members())
def test_a_member_that_both_texts_require_may_not_be_missing(
    kind: CdsObjectKind, name: str, is_nullable: bool
) -> None:
    expected = (CdsCode.MISSING_FIELD.value, f"/{kind.value}/0/{name}")
    assert refusal(kind, **{name: ...}) == expected
    if is_nullable:
        row_of(kind, **{name: None})
    else:
        assert refusal(kind, **{name: None}) == expected


RENAMED = {
    "service_contracts": ("contract_types", "service_types"),
    "service_points": ("servicepoint_types",),
    "meter_devices": ("meter_types",),
    "bill_sections": ("section_types", "supply_entity", "usage_details"),
    "aggregations": ("aggregation_types",),
}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(CdsObjectKind(kind), name) for kind, names in RENAMED.items() for name in names],
)
def test_a_renamed_member_is_required_under_one_of_its_names(
    kind: CdsObjectKind, name: str
) -> None:
    assert refusal(kind, **{name: ...}) == (
        CdsCode.MISSING_FIELD.value,
        f"/{kind.value}/0/{name}",
    )


def wrong_types() -> list[Any]:
    """Every member of dialect C with a value of another type."""
    wrong = {"string": 5, "url": 5, "decimal": True, "datetime": 5, "date": 5, "currency": 5}
    found = []
    for kind in DRAFTED:
        for name, field in fields(kind.value, "C").items():
            if name in {"cds_created", "cds_synced"}:
                continue
            value = wrong.get(field.kind.partition(":")[0], 5)
            found.append(pytest.param(kind, name, value, id=f"{kind}.{name}"))
    return found


@pytest.mark.parametrize(("kind", "name", "value"), wrong_types())
def test_a_member_of_another_type_refuses_its_object(
    kind: CdsObjectKind, name: str, value: object
) -> None:
    code, pointer = refusal(kind, **{name: value})
    assert code == CdsCode.WRONG_TYPE.value
    assert pointer == f"/{kind.value}/0/{name}"


def test_a_list_tells_which_of_its_elements_is_no_id() -> None:
    code, pointer = refusal(METERS, current_servicepoints=["pnt-1", 7])
    assert (code, pointer) == ("WRONG_TYPE", "/meter_devices/0/current_servicepoints/1")


def test_what_is_no_object_is_refused_where_it_stands() -> None:
    verdict = judged_objects(METERS, body(METERS), "meter", None)
    assert verdict.status is UploadStatus.PARTIAL
    assert places(verdict, CdsCode.NOT_AN_OBJECT) == ["/meter_devices/1", "/meter_devices/2"]
    assert (verdict.counts.kept[METERS], verdict.counts.refused[METERS]) == (1, 2)


def test_of_a_refused_object_only_the_refusal_is_told() -> None:
    bad = body(METERS, meter_types=["ami_meter", "divine"], shape="round", cds_modified=...)
    verdict = judged_objects(METERS, bad)
    assert verdict.status is UploadStatus.REJECTED
    assert codes(verdict) == {"MISSING_FIELD"}
    assert not verdict.findings.unknown_words
    assert not verdict.findings.unknown_fields


def test_unknown_members_and_words_are_counted_and_ignored() -> None:
    odd = body(METERS, meter_types=["virtual_meter", "divine", "ami_meter"], shape="round")
    verdict = judged_objects(METERS, odd)
    assert verdict.status is UploadStatus.ACCEPTED
    assert rows_of(verdict, "cds_meter_devices")[0]["meter_types"] == "ami_meter,virtual_meter"
    assert verdict.findings.unknown_words == {"meter_types=divine": 1}
    assert verdict.findings.unknown_fields == {"meter_device.shape": 1}
    assert places(verdict, CdsCode.UNKNOWN_WORD) == ["/meter_devices/0/meter_types"]


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_a_single_word_of_the_old_dialects_stays_as_written(dialect: str) -> None:
    assert row_of(METERS, dialect)["meter_types"] == "usage_forward_only"
    assert row_of(POINTS, dialect)["servicepoint_types"] == "electric_meter"
    assert row_of(CdsObjectKind.ACCOUNTS, dialect)["account_types"] == "business"


def test_a_version_is_the_same_whenever_and_wherever_it_is_seen() -> None:
    first = row_of(METERS, cds_synced="2026-01-05T00:00:00Z")
    later = row_of(METERS, cds_synced="2026-03-05T00:00:00Z")
    assert first["object_version_id"] == later["object_version_id"]
    assert later["cds_synced_utc"] == datetime.fromisoformat("2026-03-05T00:00:00")
    shuffled = dict(reversed(list(body(METERS).items())))
    (alone,) = rows_of(judged_text(text_of(shuffled)), "cds_meter_devices")
    assert alone["object_version_id"] == first["object_version_id"]
    assert alone["json_pointer"] == ""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"meter_number": "M-9"}, id="content"),
        pytest.param({"cds_modified": "2026-05-01T00:00:00Z"}, id="modification"),
        pytest.param({"cds_meterdevice_id": "other"}, id="id"),
    ],
)
def test_a_change_makes_another_version(change: dict[str, object]) -> None:
    assert row_of(METERS, **change)["object_version_id"] != row_of(METERS)["object_version_id"]


def test_objects_of_two_kinds_with_one_id_are_two_versions() -> None:
    meter = row_of(METERS, cds_meterdevice_id="x")["object_version_id"]
    assert meter != row_of(POINTS, cds_servicepoint_id="x")["object_version_id"]


def test_the_same_version_again_is_kept_once_and_told() -> None:
    again = body(METERS, cds_synced="2026-09-01T00:00:00Z")
    verdict = judged_objects(METERS, body(METERS), again, body(METERS, meter_number="M-2"))
    assert verdict.status is UploadStatus.ACCEPTED
    assert (verdict.counts.kept[METERS], verdict.counts.repeated[METERS]) == (2, 1)
    assert places(verdict, CdsCode.DUPLICATE_OBJECT) == ["/meter_devices/1"]


def test_rows_say_where_they_come_from() -> None:
    row = row_of(METERS)
    assert row["receipt_id"] == SOURCE.receipt_id
    assert row["cds_server"] == SOURCE.server
    assert row["observed_at_utc"] == SOURCE.observed_at_utc
    assert row["received_date"] == SOURCE.received_date
    assert row["cds_modified_utc"] == datetime.fromisoformat("2026-01-01T00:00:00")


def test_points_and_meters_lead_to_where_they_are_and_were() -> None:
    meter = body(METERS, current_servicepoints=["p2", "p2"], previous_servicepoints=["p1"])
    point = body(POINTS, current_servicecontracts=[], previous_servicecontracts=["c1", "c2"])
    assert relations_of(judged_objects(METERS, meter)) == [
        ("meter_device", "met-1", "current", "service_point", "p2"),
        ("meter_device", "met-1", "previous", "service_point", "p1"),
    ]
    assert relations_of(judged_objects(POINTS, point)) == [
        ("service_point", "pnt-1", "previous", "service_contract", "c1"),
        ("service_point", "pnt-1", "previous", "service_contract", "c2"),
    ]


def test_contracts_and_accounts_lead_to_what_they_belong_to() -> None:
    contracts, accounts = CdsObjectKind.SERVICE_CONTRACTS, CdsObjectKind.ACCOUNTS
    assert relations_of(judged_objects(contracts, body(contracts))) == [
        ("service_contract", "con-1", "account", "account", "acc-1")
    ]
    child = body(accounts, cds_account_parent="acc-0")
    assert relations_of(judged_objects(accounts, child)) == [
        ("account", "acc-1", "parent", "account", "acc-0")
    ]
    assert relations_of(judged_objects(accounts, body(accounts))) == []


def test_class_and_commodity_of_the_old_dialects_are_types_of_service() -> None:
    contracts = CdsObjectKind.SERVICE_CONTRACTS
    assert row_of(contracts, "B")["service_types"] == "electric,industrial"
    assert row_of(contracts, "C")["service_types"] == "electric,industrial,metered"


@pytest.mark.parametrize(
    ("end", "known"),
    [
        pytest.param("2026-12-31", "known", id="an end"),
        pytest.param(None, "none", id="null: it goes on"),
        pytest.param(..., "unknown", id="absent: nobody knows"),
    ],
)
def test_a_contract_without_end_goes_on_only_if_it_says_so(end: object, known: str) -> None:
    row = row_of(CdsObjectKind.SERVICE_CONTRACTS, contract_end=end)
    assert row["contract_end_known"] == known


def test_a_contract_that_ends_before_it_starts_is_kept_and_told() -> None:
    contracts = CdsObjectKind.SERVICE_CONTRACTS
    verdict = judged_objects(contracts, body(contracts, contract_end="2019-12-31"))
    assert verdict.status is UploadStatus.ACCEPTED
    assert places(verdict, CdsCode.DATE_ORDER) == ["/service_contracts/0/contract_end"]


def test_a_state_is_one_of_the_list_in_c_and_as_written_before() -> None:
    contracts = CdsObjectKind.SERVICE_CONTRACTS
    assert row_of(contracts, "B", contract_status="dormant")["contract_status"] == "dormant"
    verdict = judged_objects(contracts, body(contracts, contract_status="dormant"))
    assert rows_of(verdict, "cds_service_contracts")[0]["contract_status"] is None
    assert verdict.findings.unknown_words == {"contract_status=dormant": 1}


def test_coordinates_keep_every_digit() -> None:
    row = row_of(POINTS, latitude=Raw("45.123456789012"), longitude=Raw("-7.000000000001"))
    assert [str(row["latitude"]), str(row["longitude"])] == ["45.123456789012", "-7.000000000001"]


def test_nested_members_are_the_same_text_for_the_same_content() -> None:
    entity = {"types": ["iou"], "id": "e", "limit": Raw("1.50")}
    row = row_of(CdsObjectKind.ACCOUNTS, account_entity=entity)
    assert row["account_entity"] == '{"id":"e","limit":1.50,"types":["iou"]}'
    assert row_of(POINTS, "B", premise_number="P-1", premise_type="lot")["premises"] == (
        '[{"premise_number":"P-1","types":["lot"]}]'
    )
    assert row_of(POINTS, "B")["premises"] is None
    old = row_of(CdsObjectKind.SERVICE_CONTRACTS, "B")
    assert old["contract_entity"] == '"North Grid Cooperative"'


def test_nan_is_no_number_of_an_object() -> None:
    assert refusal(POINTS, latitude=Raw("NaN")) == ("WRONG_TYPE", "/service_points/0/latitude")


def test_lone_surrogates_and_nan_do_not_reach_a_table() -> None:
    row = row_of(
        CdsObjectKind.ACCOUNTS,
        account_name="\ud800",
        account_contacts=[{"value": "\ud800", "n": Raw("NaN")}],
    )
    assert row["account_name"] == "\\ud800"
    assert json.loads(row["account_contacts"]) == [{"n": "NaN", "value": "\\ud800"}]
