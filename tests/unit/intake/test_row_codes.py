"""One code per row, the first that applies; the detail names every problem."""

from decimal import Decimal
from io import BytesIO

import pytest

from cei_assets.core.intake.files import judge_file
from cei_assets.core.intake.verdict import Limits, ReceiptFacts
from tests.intake_drops import NOW, REGISTER, accepted, at, codes, details, in_memory, judged, rows

GOOD = "mill,main,2026-01-01T00:00:00Z,1.5,kWh"


def test_a_good_row_becomes_a_reading_with_the_contract_s_columns() -> None:
    verdict = judged(rows(GOOD))
    assert verdict.status == "accepted"
    assert accepted(
        verdict, "organization_id", "site_id", "meter_id", "interval_start_utc",
        "interval_seconds", "usage_kwh", "reading_quality", "flow_direction", "line_number",
        "record_index", "idempotency_key",
    ) == [
        ("acme", "mill", "main", at("2026-01-01T00:00"), 3600, Decimal("1.5"), "raw", "forward", 2,
         None, None)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (",main,2026-01-01T00:00:00Z,1,kWh", "UNKNOWN_SITE"),
        ("   ,main,2026-01-01T00:00:00Z,1,kWh", "UNKNOWN_SITE"),
        ("nowhere,main,2026-01-01T00:00:00Z,1,kWh", "UNKNOWN_SITE"),
        ("mill,,2026-01-01T00:00:00Z,1,kWh", "UNKNOWN_METER"),
        ("mill,none,2026-01-01T00:00:00Z,1,kWh", "UNKNOWN_METER"),
        ("works,quarter,2026-01-01T00:00:00Z,1,kWh", "UNKNOWN_METER"),
        ("mill,main,2026-01-01T00:00:00Z,1,MWh", "INVALID_UNIT"),
        ("mill,main,,1,kWh", "INVALID_TIMESTAMP"),
        ("mill,main,2026-01-01T00:00:00Z,,kWh", "INVALID_VALUE"),
    ],
)
def test_each_rule_has_its_code(line: str, code: str) -> None:
    verdict = judged(rows(GOOD, line))
    assert codes(verdict) == [(3, code)]
    assert verdict.rows_accepted == 1


def test_the_first_code_wins_and_the_detail_names_all_problems() -> None:
    verdict = judged(rows("nowhere,,2026-01-01,x,MWh"))
    assert codes(verdict) == [(2, "UNKNOWN_SITE")]
    (detail,) = details(verdict)
    for problem in ("site_id", "meter_id is missing", "unit 'MWh'", "ISO 8601", "'x' is not a nu"):
        assert problem in detail
    assert detail.count("; ") == 4


@pytest.mark.parametrize("unit", ["kWh", "KWH", " kwh ", ""])
def test_the_unit_counts_without_case_and_blanks_and_may_be_absent(unit: str) -> None:
    assert judged(rows(f"mill,main,2026-01-01T00:00:00Z,1,{unit}")).rows_accepted == 1


def test_a_site_of_another_organization_reads_like_an_unknown_one() -> None:
    foreign = judged(
        rows("works,main,2026-01-01T00:00:00Z,1,kWh"), sidecar='{"organization_id": "acme"}'
    )
    unknown = judged(
        rows("nowhere,main,2026-01-01T00:00:00Z,1,kWh"), sidecar='{"organization_id": "acme"}'
    )
    assert codes(foreign) == [(2, "ORG_MISMATCH")]
    assert details(foreign)[0].replace("works", "nowhere") == details(unknown)[0]


def test_nothing_is_told_of_the_meters_of_another_organization() -> None:
    known, unknown = (
        judged(
            rows(f"works,{meter},2026-01-01T00:17:00Z,1,kWh"),
            sidecar='{"organization_id": "acme"}',
        )
        for meter in ("main", "none")
    )
    assert details(known) == details(unknown)


def test_without_an_organization_named_every_registered_site_is_taken() -> None:
    assert judged(rows("works,main,2026-01-01T00:00:00Z,1,kWh")).rows_accepted == 1


def test_rejects_keep_the_text_as_it_was_received() -> None:
    reject = judged(rows("mill, none ,2026-01-01T00:00:00+00:00,1.50, kwh")).rejects.to_pylist()[0]
    assert reject["meter_id_text"] == " none "
    assert reject["timestamp_text"] == "2026-01-01T00:00:00+00:00"
    assert reject["value_text"] == "1.50"
    assert reject["unit_text"] == " kwh"
    assert reject["column_name"] == "meter_id"


def test_with_an_empty_register_every_site_is_unknown() -> None:
    nobody = {name: table.slice(0, 0) for name, table in REGISTER.items()}
    with in_memory() as connection:
        verdict = judge_file(
            stream=BytesIO(rows(GOOD, GOOD).encode()),
            sidecar=None,
            connection=connection,
            register=nobody,
            receipt=ReceiptFacts(
                receipt_id="0",
                upload_source="csv_drop",
                received_at_utc=NOW,
                received_date=NOW.date(),
            ),
            limits=Limits(),
        )
    assert [code for _, code in codes(verdict)] == ["UNKNOWN_SITE"] * 2


@pytest.mark.parametrize(
    ("sidecar", "owners"),
    [
        (None, ["acme", "other", None, None]),
        ('{"organization_id": "acme"}', ["acme"] * 4),
    ],
    ids=["no sender named", "sender named"],
)
def test_rejects_belong_to_their_sender_or_else_to_the_owner_of_the_site(
    sidecar: str | None, owners: list[str | None]
) -> None:
    verdict = judged(
        rows(
            "mill,main,2026-01-01T00:00:00Z,-1,kWh",
            "works,none,2026-01-01T00:00:00Z,1,kWh",
            "nowhere,main,2026-01-01T00:00:00Z,1,kWh",
            "too,few",
        ),
        sidecar=sidecar,
    )
    assert verdict.rejects["organization_id"].to_pylist() == owners


def test_the_reject_of_a_whole_file_belongs_to_its_sender() -> None:
    verdict = judged("a,b\n1,2\n", sidecar='{"organization_id": "acme"}')
    assert verdict.rejects["organization_id"].to_pylist() == ["acme"]


def test_a_conflict_within_a_file_belongs_to_the_owner_of_the_site() -> None:
    verdict = judged(
        rows("mill,main,2026-01-01T00:00:00Z,1,kWh", "mill,main,2026-01-01T00:00:00Z,2,kWh")
    )
    assert codes(verdict) == [(3, "DUPLICATE_IDEMPOTENCY_KEY")]
    assert verdict.rejects["organization_id"].to_pylist() == ["acme"]


def test_a_sidecar_with_blanks_around_its_organization_refuses_the_file() -> None:
    verdict = judged(rows(GOOD), sidecar='{"organization_id": " acme"}')
    assert codes(verdict) == [(1, "MALFORMED_FILE")]
    assert "organization_id ' acme' has blanks around it" in details(verdict)[0]
