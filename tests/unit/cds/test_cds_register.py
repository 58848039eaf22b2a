"""The mapping of CDS meters: what holds, what is wrong and where, what the register adds."""

from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
import pytest

from cei_assets.contracts.finding import FindingLevel
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.cds_hand_over import CDS_REGISTER_TABLES
from cei_assets.contracts.tables.register import EMISSION_FACTORS, METERS, SITES
from cei_assets.core.cds.register import CdsRegisterVerdict, judge_cds_register

HEADER = (
    "cds_server,resource_kind,cds_reference,site_id,meter_id,mapped_direction,mapped_from,"
    "mapped_to\n"
)
ACME = {"organization_id": "acme"}


def _table(table: object, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(table))


def _register(*factors: dict[str, object]) -> Mapping[str, pa.Table]:
    meters = [("mill", "main"), ("mill", "saw"), ("works", "main")]
    return {
        "sites": _table(
            SITES,
            [
                {**ACME, "site_id": "mill", "timezone": "Europe/Rome", "country": "IT"},
                {**ACME, "site_id": "works", "timezone": "Asia/Kolkata", "country": "IN"},
            ],
        ),
        "meters": _table(
            METERS,
            [
                {"site_id": site, "meter_id": meter, "interval_seconds": 900}
                for site, meter in meters
            ],
        ),
        "emission_factors": _table(EMISSION_FACTORS, list(factors)),
    }


def _judged(*lines: str) -> CdsRegisterVerdict:
    text = HEADER + "".join(f"{line}\n" for line in lines)
    return judge_cds_register({"cds_meters": text}, register=_register())


def _found(verdict: CdsRegisterVerdict) -> list[tuple[int | None, str | None]]:
    return [(finding.line, finding.column) for finding in verdict.findings]


def test_without_the_file_nothing_is_mapped() -> None:
    verdict = judge_cds_register({}, register=_register())
    assert verdict.findings == ()
    assert verdict.tables["cds_meters"].num_rows == 0
    assert verdict.tables["cds_sites"].num_rows == 2


def test_every_table_keeps_its_contract() -> None:
    verdict = _judged("riverside,meter_device,M-1,mill,main,reverse,2026-01-01,2026-06-30")
    assert verdict.findings == ()
    for table in CDS_REGISTER_TABLES:
        assert validate_arrow(table, verdict.tables[table.name]) == [], table.name


def test_without_a_direction_it_is_forward() -> None:
    (row,) = _judged("riverside,account,A-1,mill,main,,,").tables["cds_meters"].to_pylist()
    assert row["mapped_direction"] == "forward"
    without = HEADER.replace("mapped_direction,", "") + "riverside,account,A-1,mill,main,,\n"
    verdict = judge_cds_register({"cds_meters": without}, register=_register())
    assert verdict.tables["cds_meters"]["mapped_direction"].to_pylist() == ["forward"]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("riverside,meter_device,M-1,nowhere,main,,,", "site_id"),
        ("riverside,meter_device,M-1,mill,planer,,,", "meter_id"),
        ("riverside,meter_device,M-1,works,saw,,,", "meter_id"),
        ("riverside,eac,M-1,mill,main,,,", "resource_kind"),
        ("riverside,meter,M-1,mill,main,,,", "resource_kind"),
        ("riverside,meter_device,M-1,mill,main,import,,", "mapped_direction"),
        ("riverside,meter_device,M-1,mill,main,,2026-13-01,", "mapped_from"),
        ("riverside,meter_device,M-1,mill,main,,2026-02-01,2026-01-31", "mapped_to"),
        (",meter_device,M-1,mill,main,,,", "cds_server"),
        ("riverside,meter_device,,mill,main,,,", "cds_reference"),
    ],
    ids=str,
)
def test_a_wrong_cell_is_an_error_with_its_place(line: str, column: str) -> None:
    verdict = _judged("riverside,account,A-9,works,main,,,", line)
    assert _found(verdict) == [(3, column)]
    assert verdict.tables == {}


def test_a_direction_of_a_thing_is_mapped_once_on_any_day() -> None:
    first = "riverside,meter_device,M-1,mill,main,,,2026-03-31"
    overlapping = "riverside,meter_device,M-1,mill,saw,,2026-03-31,"
    assert _found(_judged(first, overlapping)) == [(3, "cds_reference")]
    following = "riverside,meter_device,M-1,mill,saw,,2026-04-01,"
    assert _found(_judged(first, following)) == []


def test_the_same_reference_of_another_server_or_kind_is_another_thing() -> None:
    verdict = _judged(
        "riverside,meter_device,1,mill,main,,,",
        "lakeside,meter_device,1,mill,saw,,,",
        "riverside,service_point,1,works,main,,,",
    )
    assert verdict.findings == ()


def test_use_and_delivery_of_a_meter_are_two_meters_of_the_register() -> None:
    forward = "riverside,meter_device,M-1,mill,main,forward,,"
    assert _found(_judged(forward, "riverside,meter_device,M-1,mill,saw,reverse,,")) == []
    assert _found(_judged(forward, "riverside,meter_device,M-1,mill,main,reverse,,")) == [
        (3, "mapped_direction")
    ]


@pytest.mark.parametrize(
    "other",
    ["riverside,meter_device,M-2", "file,meter_device,M-1", "riverside,service_point,M-1"],
    ids=["meter", "server", "kind"],
)
def test_several_things_for_a_meter_are_a_warning(other: str) -> None:
    verdict = _judged("riverside,meter_device,M-1,mill,main,,,", f"{other},mill,main,,,")
    assert [finding.level for finding in verdict.findings] == [FindingLevel.WARNING]
    assert verdict.tables["cds_meters"].num_rows == 2


def test_a_replaced_meter_needs_no_warning() -> None:
    verdict = _judged(
        "riverside,meter_device,M-1,mill,main,,,2026-04-14",
        "riverside,meter_device,M-2,mill,main,,2026-04-15,",
    )
    assert verdict.findings == ()


def test_a_sites_own_factor_takes_the_place_of_its_countrys() -> None:
    factors = [
        {"country": "IT", "year": 2026, "kgco2e_per_kwh": 0.25, "source": "national"},
        {"site_id": "mill", "year": 2026, "kgco2e_per_kwh": 0.1, "source": "contract"},
        {"country": "IT", "year": 2025, "kgco2e_per_kwh": 0.3, "source": "national"},
        {"country": "FR", "year": 2026, "kgco2e_per_kwh": 0.05, "source": "national"},
    ]
    verdict = judge_cds_register({}, register=_register(*factors))
    rows = verdict.tables["cds_site_factors"].to_pylist()
    assert [(row["site_id"], row["year"], row["source"]) for row in rows] == [
        ("mill", 2025, "national"),
        ("mill", 2026, "contract"),
    ]
    assert Decimal(str(rows[1]["kgco2e_per_kwh"])) == Decimal("0.1")


def test_a_file_of_another_name_is_a_warning_that_names_the_right_one() -> None:
    verdict = judge_cds_register({"cds_meter": HEADER}, register=_register())
    (finding,) = verdict.findings
    assert finding.level is FindingLevel.WARNING
    assert finding.fix == "rename it to cds_meters.csv"
