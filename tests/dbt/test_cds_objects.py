"""Histories, relations and bills of customer data, built as files arrive and in one go."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest
from cds_bill_bodies import utc
from cds_bill_cases import CASES, Case
from cds_object_world import SERVER, histories, withdrawn
from cds_objects_built import DIALECTS, ROOT, SAMPLES, TABLES, Built, built_of_all

from cei_assets.checks import cds as checks
from cei_assets.contracts.tables.cds_object_models import CDS_OBJECT_INTERMEDIATES

# it says what one build did, which differs between an increment and a full build
ABOUT_THE_BUILD = {"int_cds_bills_touched"}
QUERIES = re.findall(
    r"```sql\n(.*?)```", (ROOT / "docs" / "cds_queries.md").read_text(encoding="utf-8"), re.S
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    with built_of_all(tmp_path_factory.mktemp("objects")) as built:
        yield built


def test_increments_in_any_order_and_a_full_refresh_give_the_same_rows(built: Built) -> None:
    differing = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built.by_increments}' as increments (read_only)")
        connection.execute(f"attach '{built.data.paths.warehouse}' as whole (read_only)")
        for table in TABLES:
            name = f"{table.layer}.{table.name}"
            found = connection.execute(f"""
                select count(*), (select count(*) from
                    (from increments.{name} except all from whole.{name})),
                    (select count(*) from (from whole.{name} except all from increments.{name}))
                from whole.{name}
            """).fetchone()
            if found and found[1:] != (0, 0) and table.name not in ABOUT_THE_BUILD:
                differing[name] = found
    assert differing == {}


def test_unit_tests_hold(built: Built) -> None:
    done = built.dbt.run(
        "test",
        "--select",
        "int_cds_billed_use,test_type:unit",
        "int_cds_objects_withdrawn,test_type:unit",
    )
    assert done.success, done.failures
    assert len(done.statuses) == 3


def test_columns_are_the_declared_ones(built: Built) -> None:
    with duckdb.connect(str(built.data.paths.warehouse), read_only=True) as connection:
        for table in TABLES:
            found = connection.execute(f"describe {table.layer}.{table.name}").fetchall()
            declared = [(column.name, column.field.type) for column in table.columns]
            assert [row[:2] for row in found] == declared, table.name


def test_grains_of_intermediates_are_unique(built: Built) -> None:
    for table in CDS_OBJECT_INTERMEDIATES:
        grain = ", ".join(table.grain)
        repeated = built.data.rows(
            f"select {grain} from {table.layer}.{table.name} group by {grain} having count(*) > 1"
        )
        assert repeated == [], table.name


def test_every_version_holds_from_its_modification_or_else_its_observation(built: Built) -> None:
    found = defaultdict(list)
    for row in built.data.rows(f"""
        select points.*, related.to_id as contract
        from marts.dim_cds_service_points as points
        join intermediate.int_cds_object_relations as related using (object_version_id)
        where points.cds_server = '{SERVER}' and object_relation = 'current'
        order by object_version_number
    """):
        assert row["is_current"] == (row["object_version_number"] == row["object_version_count"])
        found[row["cds_servicepoint_id"]].append(
            (
                row["object_version_number"], row["contract"], row["valid_from_utc"],
                row["valid_to_utc"], row["first_seen_utc"], row["last_seen_utc"],
            )
        )  # fmt: skip
    expected = histories(built.pulled)
    assert dict(found) == expected
    versions = [version for history in expected.values() for version in history]
    assert len(versions) > 25
    assert any(version[2] == version[3] for version in versions)
    assert any(version[2] == version[4] for version in versions)


def test_only_what_every_grant_lists_no_more_is_withdrawn(built: Built) -> None:
    found = {
        row["cds_servicepoint_id"]: row["withdrawn_at_utc"]
        for row in built.data.rows(f"""
            select * from marts.dim_cds_service_points
            where cds_server = '{SERVER}' and is_withdrawn
        """)
    }
    assert found == withdrawn(built.pulled)
    assert 0 < len(found) < 9


def test_relations_are_told_from_both_ends_with_the_time_in_which_they_held(built: Built) -> None:
    expected = set()
    gone = withdrawn(built.pulled)
    for point, history in histories(built.pulled).items():
        for number, contract, start, end, *_ in history:
            until = gone.get(point) if end is None else end
            if start == until:
                continue
            assert number >= 1
            expected.add((point, contract, start, until))
    found = built.data.rows(f"""
        select * from marts.bridge_cds_relations
        where cds_server = '{SERVER}' and object_relation = 'current'
    """)
    stated = {
        (row["from_id"], row["to_id"], row["valid_from_utc"], row["valid_to_utc"])
        for row in found
        if row["is_stated"]
    }
    assert stated == expected
    assert {
        (row["to_id"], row["from_id"], row["valid_from_utc"], row["valid_to_utc"])
        for row in found
        if not row["is_stated"] and row["from_kind"] == "service_contract"
    } == expected
    assert all(row["is_current"] == (row["valid_to_utc"] is None) for row in found)


def test_a_former_relation_begins_when_a_version_first_says_so(built: Built) -> None:
    """A contract is former from the version on whose successor it is, and goes on being it."""
    for point, history in histories(built.pulled).items():
        found = built.data.rows(f"""
            select to_id, valid_from_utc, valid_to_utc from marts.bridge_cds_relations
            where cds_server = '{SERVER}' and from_id = '{point}' and is_stated
                and object_relation = 'previous' and to_id = 'c0'
        """)
        later = [
            start for _, contract, start, end, *_ in history if contract != "c0" and start != end
        ]
        assert [row["valid_from_utc"] for row in found[:1]] == later[:1], point


@pytest.mark.parametrize("name", list(CASES))
def test_bill_beside_meter(built: Built, name: str) -> None:
    case: Case = CASES[name]
    rows = built.data.rows(f"""
        select * from marts.fct_cds_bills_metered
        where cds_billsection_id = '{case.section["cds_billsection_id"]}'
    """)
    if case.expected is None:
        assert rows == []
        return
    assert {column: rows[0][column] for column in case.expected} == dict(case.expected)


def test_bills_are_held_to_what_they_charge(built: Built) -> None:
    found = {
        row["cds_billstatement_id"]: (
            row["included_charges_amount"], row["unexplained_amount"], row["is_balanced"]
        )
        for row in built.data.rows(
            "select * from marts.fct_cds_bills where cds_server = 'utility'"
        )
    }  # fmt: skip
    assert found == {
        "balanced": (Decimal("100.10"), 0, True),
        "credited": (90, 0, True),
        "off": (100, Decimal("0.01"), False),
        "untold": (100, None, None),
        "bare": (None, None, None),
    }


def test_overlapping_totals_are_never_added_up(built: Built) -> None:
    (row,) = built.data.rows(
        "select * from marts.fct_cds_bill_sections where cds_billsection_id = 'lined'"
    )
    assert (row["section_total"], row["lines_amount"], row["section_difference"]) == (4, 3, 1)


def test_checks_name_what_is_off(built: Built) -> None:
    with duckdb.connect(str(built.data.paths.warehouse), read_only=True) as connection:
        bills = checks.bills_agree_with_meters(connection)
        sums = checks.bills_add_up(connection)
        told = checks.changes_are_told(connection)
    assert not bills.passed
    assert [row["cds_billsection_id"] for row in bills.rows] == ["autumn"]
    assert "billed 760.000000000000000 kWh, metered 721.000000000000000 kWh" in bills.found
    assert len(sums.examples) == 2
    assert "section lined, 2026-04-01 to 2026-04-30: lines sum to 3" in sums.examples[1]
    repeated = Counter(
        point
        for point, history in histories(built.pulled).items()
        for version in history
        if version[2] == version[4] and version[0] > 1
    )
    assert not told.passed
    assert any(f" {point}:" in example for point in repeated for example in told.examples)


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_query_of_the_documentation_answers(built: Built, query: str) -> None:
    assert built.data.rows(query)


def test_use_is_of_meter_point_contract_and_account_in_its_time(built: Built) -> None:
    owners = built.data.rows("""
        select owner_kind, owner_id, owned_from_utc, owned_to_utc
        from marts.bridge_cds_usage where cds_resource = 'meter_device/m11' order by all
    """)
    moved = utc("2026-04-10T00:00:00")
    assert [tuple(row.values()) for row in owners] == [
        ("account", "a11", None, None),
        ("meter_device", "m11", None, None),
        ("service_contract", "c11", None, moved),
        ("service_contract", "c12", moved, None),
        ("service_point", "p11", None, moved),
        ("service_point", "p12", moved, None),
    ]
    by_contract = built.data.rows(QUERIES[1])
    found: Counter[tuple[str, str]] = Counter()
    for row in by_contract:
        found[row["account_number"], row["contract_number"]] += row["net_kwh"]
    assert found == {("A-11", "C11"): 9 * 24, ("A-11", "C12"): 21 * 24}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "mart",
    [
        "dim_cds_accounts", "dim_cds_service_contracts", "dim_cds_service_points",
        "dim_cds_meter_devices", "dim_cds_aggregations", "dim_cds_eacs",
        "dim_cds_production_projects", "fct_cds_bills", "fct_cds_bill_sections",
    ],
)  # fmt: skip
def test_every_kind_of_every_dialect_has_its_history(built: Built, mart: str, dialect: str) -> None:
    (row,) = built.data.rows(f"select * from marts.{mart} where cds_server = 'dialect-{dialect}'")
    assert (row["is_current"], row["is_withdrawn"], row["valid_to_utc"]) == (True, False, None)


def test_bills_of_the_older_dialects_count_what_a_reading_says_once(built: Built) -> None:
    (row,) = built.data.rows(
        "select * from marts.fct_cds_bills_metered where cds_server = 'dialect-B'"
    )
    assert (row["billed_way"], row["billed_kwh"]) == ("reading", 1100)
    (old,) = built.data.rows(
        "select * from marts.fct_cds_bill_sections where cds_server = 'dialect-B'"
    )
    assert (old["line_count"], old["lines_amount"]) == (2, Decimal("2.99"))


def test_certificates_show_issue_production_and_retirement(built: Built) -> None:
    rows = built.data.rows("""
        select eac_number, issue_date::varchar as issued, retirement_date::varchar as retired,
            certificate_kwh, device_id, device_commissioned::varchar as since, is_withdrawn
        from marts.fct_cds_eac_details where cds_server = 'dialect-C' order by part_position
    """)
    assert [tuple(row.values()) for row in rows] == [
        ("NW-77-1", "2026-02-01", None, 1500, "park-3", "2023-12-01", False),
        ("NW-77-2", "2026-02-02", "2026-02-09", Decimal("0.9"), "park-3", "2023-12-01", False),
    ]


def test_meters_are_mapped_or_listed_with_the_line_to_add(built: Built) -> None:
    rows = built.data.rows("select * from marts.rpt_cds_meters where cds_server = 'utility'")
    found = {
        row["cds_meterdevice_id"]: (
            row["mapping_status"], row["mapped_through"], row["has_usage"], row["mapping_line"]
        )
        for row in rows
    }  # fmt: skip
    to_add = "utility,meter_device,{},SITE,METER,forward,,"
    assert found == {
        "gas": ("none", None, False, None),
        "m8": ("none", None, True, to_add.format("m8")),
        "m9": ("none", None, True, to_add.format("m9")),
        "m11": ("bridged", "service_contract/c11", True, None),
        "spare": ("direct", "meter_device/SPARE", False, None),
        "unused": ("none", None, False, to_add.format("unused")),
    }
    assert {row["meter_id"] for row in rows} == {"house", "spare", None}


@pytest.mark.skipif(not SAMPLES.exists(), reason="no cds: set CEI_SHARED_DATA to its folder")
def test_samples_of_the_specification_are_told_whole(built: Built) -> None:
    (bill,) = built.data.rows(
        "select * from marts.fct_cds_bills_metered where cds_server = 'sample'"
    )
    assert (bill["billed_way"], bill["billed_direction"], bill["billed_kwh"]) == (
        "total", "net", 50
    )  # fmt: skip
    (section_row,) = built.data.rows(
        "select * from marts.fct_cds_bill_sections where cds_server = 'sample'"
    )
    assert (section_row["section_total"], section_row["section_difference"]) == (
        Decimal("4.99"), 0
    )  # fmt: skip
    counts = {
        name: len(built.data.rows(f"select * from marts.{name} where cds_server = 'sample'"))
        for name in (
            "dim_cds_service_points", "dim_cds_meter_devices", "dim_cds_aggregations",
            "dim_cds_eacs", "fct_cds_bill_lines",
        )
    }  # fmt: skip
    assert list(counts.values()) == [1, 2, 1, 2, 3]


def test_a_build_measures_only_the_bills_whose_days_or_things_changed(built: Built) -> None:
    """Bills that came late, and bills of which intervals or other objects came late."""
    late = {drop.receipt_id for drop in built.late}
    metered = {
        segment[f"related_{kind}"][0]
        for drop in built.late
        for segment in drop.body.get("usage_segments", ())
        for kind in ("meterdevices", "servicepoints")
        if segment[f"related_{kind}"]
    }
    metered |= {
        meter["cds_meterdevice_id"]
        for drop in built.late
        for meter in drop.body.get("meter_devices", ())
    }
    expected = set()
    for number, case in enumerate(CASES.values()):
        named = {*case.section["related_meterdevices"], *case.section["related_servicepoints"]}
        came = {f"bill-{number:02}-{kind}" for kind in ("bill_sections", *case.objects)} & late
        if came or named & metered:
            expected.add(case.section["cds_billsection_id"])
    with duckdb.connect(str(built.by_increments), read_only=True) as connection:
        found = connection.execute(
            "select cds_billsection_id from intermediate.int_cds_bills_touched "
            "where cds_server = 'utility' and cds_billsection_id <> 'lined'"
        ).fetchall()
    assert {section_id for (section_id,) in found} == expected
    assert 3 < len(expected) < len(CASES) - 3
