"""Aggregations, production projects, certificates and what certificates say of themselves."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsObjectKind
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.objects.certificate_details import range_count
from tests.cds_objects import (
    APRIL,
    AUGUST,
    PROJECT,
    body,
    judged_objects,
    refusal,
    relations_of,
    row_of,
    rows_of,
    utc,
)
from tests.cds_segments import Raw, codes, judged_text, places, text_of

AGGREGATIONS, EACS = CdsObjectKind.AGGREGATIONS, CdsObjectKind.EACS
PROJECTS = CdsObjectKind.PRODUCTION_PROJECTS


def details(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Details of one certificate, which has to be kept."""
    verdict = judged_objects(EACS, body)
    assert not verdict.refusals, verdict.refusals
    return rows_of(verdict, "cds_eac_details")


def test_a_group_leads_to_every_member_that_may_be_seen() -> None:
    group = body(
        AGGREGATIONS,
        grouped_servicecontracts=["c1"],
        grouped_meterdevices=["m1"],
        grouped_aggregations=["g2"],
    )
    assert set(relations_of(judged_objects(AGGREGATIONS, group))) == {
        ("aggregation", "agg-1", "member", "account", "acc-1"),
        ("aggregation", "agg-1", "member", "service_contract", "c1"),
        ("aggregation", "agg-1", "member", "meter_device", "m1"),
        ("aggregation", "agg-1", "member", "aggregation", "g2"),
    }


def test_a_group_may_have_more_members_than_either_text_allows() -> None:
    group = body(AGGREGATIONS, grouped_meterdevices=[f"m{n}" for n in range(1500)])
    verdict = judged_objects(AGGREGATIONS, group)
    assert len(relations_of(verdict)) == 1501
    assert not codes(verdict)


def test_addresses_are_texts_in_both_forms() -> None:
    assert row_of(AGGREGATIONS)["grouped_addresses"] == '["1 Mill Lane"]'
    assert row_of(AGGREGATIONS, "B")["grouped_addresses"] == '["1 Mill Lane"]'
    code, pointer = refusal(AGGREGATIONS, grouped_addresses=["1 Mill Lane", {"lane": "Mill"}])
    assert (code, pointer) == ("WRONG_TYPE", "/aggregations/0/grouped_addresses/1")


def test_lists_of_some_types_of_group_are_kept_together() -> None:
    row = row_of(AGGREGATIONS, aggregation_types=["country"], countries=["IT"], rateplan_code="X")
    assert row["aggregation_details"] == '{"countries":["IT"],"rateplan_code":"X"}'
    assert (row["aggregation_scope"], row["aggregation_types"]) == ("", "country")
    assert row_of(AGGREGATIONS)["aggregation_details"] is None
    empty = judged_objects(AGGREGATIONS, body(AGGREGATIONS, provinces=None))
    assert not empty.findings.unknown_fields


@pytest.mark.parametrize("shape", ["envelope", "list", "object"])
def test_a_production_project_is_read_as_proposed(shape: str) -> None:
    whole = {"envelope": {PROJECTS.value: [PROJECT]}, "list": [PROJECT], "object": PROJECT}[shape]
    verdict = judged_text(text_of(whole))
    assert verdict.status is UploadStatus.ACCEPTED
    assert not codes(verdict)
    assert not verdict.findings.unknown_fields
    (row,) = rows_of(verdict, "cds_production_projects")
    assert row["available_formats"] == "forecast_day_ahead,forecast_hour_ahead,scada,settlement"
    assert row["available_reading_validity"] == "contracted,net_metering"
    assert (row["contract_rule"], row["contract_type"]) == ("100%", "PPA")
    assert (row["contract_start"], row["contract_end"]) == (date(2020, 1, 1), date(2030, 1, 1))
    assert row["project_timezone"] == "Europe/Madrid"
    assert row["project_meter_numbers"] == '["M-7","M-8"]'


def test_a_project_leads_to_meters_that_it_names_by_id() -> None:
    project = body(PROJECTS, related_meterdevices=["met-1"])
    assert relations_of(judged_objects(PROJECTS, project)) == [
        ("production_project", "project-1", "member", "meter_device", "met-1")
    ]


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("customer", "customer"),
        ("account", "account"),
        ("servicecontract", "service_contract"),
        ("rateplan", "rateplan"),
        ("program", "program"),
    ],
)
def test_a_certificate_leads_to_its_beneficiaries(kind: str, thing: str) -> None:
    changed = body(EACS, beneficiary_type=kind, beneficiaries=["b1", "b2"])
    assert relations_of(judged_objects(EACS, changed)) == [
        ("eac", "eac-1", "beneficiary", thing, "b1"),
        ("eac", "eac-1", "beneficiary", thing, "b2"),
    ]


def test_a_general_certificate_is_for_nobody_in_particular() -> None:
    changed = body(EACS, beneficiary_type="general", beneficiaries=[])
    verdict = judged_objects(EACS, changed)
    assert relations_of(verdict) == []
    assert rows_of(verdict, "cds_eacs")[0]["beneficiaries"] == "[]"


def test_a_beneficiary_of_an_unknown_sort_is_kept_in_the_row_alone() -> None:
    verdict = judged_objects(EACS, body(EACS, beneficiary_type="pet", beneficiaries=["rex"]))
    (row,) = rows_of(verdict, "cds_eacs")
    assert (row["beneficiary_type"], row["beneficiaries"]) == (None, '["rex"]')
    assert relations_of(verdict) == []
    assert verdict.findings.unknown_words == {"beneficiary_type=pet": 1}


def test_a_certificate_that_ends_before_it_starts_is_refused() -> None:
    code, pointer = refusal(EACS, period_end="2025-01-01T00:00:00Z")
    assert (code, pointer) == ("END_BEFORE_START", "/eacs/0/period_end")


def test_a_certificate_of_today_has_no_details() -> None:
    assert details(body(EACS)) == []


def test_the_form_of_april_2024_is_a_certificate_with_its_details() -> None:
    (row,) = details(APRIL)
    assert (row["certificate_quantity"], row["certificate_unit"]) == (1_000_000, "kwh")
    assert row["certificate_kwh"] == Decimal(1_000_000)
    assert (row["issuing_body"], row["retirement_organisation"]) == (
        "Northwind Registry",
        "Acme Components",
    )
    assert (row["issue_date"], row["retirement_date"]) == (date(2026, 1, 5), date(2026, 2, 7))
    assert (row["device_id"], row["technology_type"]) == ("park-3", "wind")
    assert (row["beneficiary_id"], row["program_type"]) == ("CUST-1", "PPA")
    verdict = judged_objects(EACS, APRIL)
    (whole,) = rows_of(verdict, "cds_eacs")
    assert (whole["eac_numbers"], whole["eac_format"]) == ('["NW-77"]', None)
    assert not verdict.findings.unknown_fields


def test_a_detail_that_cannot_be_read_is_left_out_and_told() -> None:
    verdict = judged_objects(EACS, APRIL)
    assert verdict.status is UploadStatus.ACCEPTED
    assert places(verdict, CdsCode.VALUE_TYPE) == ["/eacs/0/emissions_factor_direct"]
    (row,) = rows_of(verdict, "cds_eac_details")
    assert row["direct_emission_factor"] is None
    assert row["lca_emission_factor"] == Decimal("11.5")


def test_the_form_of_august_2024_has_one_row_a_certificate() -> None:
    first, second = details(AUGUST)
    assert [row["eac_number"] for row in (first, second)] == ["NW-77-1", "NW-77-2"]
    assert [row["certificate_kwh"] for row in (first, second)] == [
        Decimal(1500),
        Decimal("0.9"),
    ]
    assert first["production_start_utc"] == utc("2026-01-01T00:00:00Z")
    assert (second["production_start_utc"], second["retirement_date"]) == (
        None,
        date(2026, 2, 9),
    )
    for row in (first, second):
        assert (row["device_id"], row["device_commissioned"]) == ("park-3", date(2023, 12, 1))


def test_members_of_energytag_and_eecs_have_their_columns() -> None:
    (row,) = details(
        body(
            EACS,
            issuing_body="Statnett",
            registry="GREX",
            certificate_number_from="NO-0001",
            certificate_number_to="NO-0100",
            production_device_id="707",
            production_device_name="Fjell",
            production_device_country="NO",
            commissioning_date="1999-05-01",
            technology_code="T020000",
            fuel_code="F01040100",
            production_starting_interval="2026-01-01T00:00:00Z",
            production_ending_interval="2026-01-01T01:00:00Z",
            issue_date="2026-01-09",
            cancellation_date="2026-03-01",
            retirement_organisation="Acme",
            beneficiary_name="Acme Works",
            quantity=Raw("100"),
            unit="MWh",
            emissions_factor_direct=0,
            emissions_factor_unit="gCO2e/kWh",
        )
    )
    filled = {name for name, value in row.items() if value is not None}
    assert {
        "issuing_body", "registry_id", "certificate_from", "certificate_to", "device_id",
        "device_name", "device_country", "device_commissioned", "technology_code", "fuel_code",
        "production_start_utc", "production_end_utc", "issue_date", "retirement_date",
        "retirement_organisation", "beneficiary_name", "direct_emission_factor",
        "emission_factor_unit",
    } <= filled  # fmt: skip
    assert (row["certificate_count"], row["certificate_kwh"]) == (100, Decimal(100_000))


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("NL-001", "NL-100", 100),
        ("7", "7", 1),
        ("999", "1000", 2),
        ("NL-100", "NL-001", None),
        ("NL-001", "DE-100", None),
        ("NL", "NL", None),
        ("NL-001", None, None),
        (None, None, None),
        ("1", "9" * 31, None),
    ],
)
def test_a_range_counts_both_of_its_ends(
    first: str | None, last: str | None, count: int | None
) -> None:
    assert range_count(first, last) == count
