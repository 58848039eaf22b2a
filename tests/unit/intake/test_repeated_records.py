"""Records that come twice in one file."""

from decimal import Decimal

from tests.intake_drops import (
    accepted,
    batch_line,
    codes,
    details,
    judged,
    judged_api,
    record,
    rows,
)

KEYED = "site_id,meter_id,timestamp_utc,value,idempotency_key\n"


def test_the_same_row_again_is_an_exact_duplicate() -> None:
    line = "mill,main,2026-01-01T00:00:00Z,1.5,kWh"
    same = "mill,main,2026-01-01T01:00:00+01:00,1.50,KWH"
    verdict = judged(rows(line, line, same))
    assert (verdict.rows_accepted, verdict.rows_exact_duplicate) == (1, 2)
    assert verdict.status == "accepted"


def test_another_value_for_an_interval_is_refused_and_the_first_stays() -> None:
    verdict = judged(
        rows(
            "mill,main,2026-01-01T01:00:00Z,9,kWh",
            "mill,main,2026-01-01T00:00:00Z,1,kWh",
            "mill,quarter,2026-01-01T00:00:00Z,2,kWh",
            "mill,main,2026-01-01T00:00:00Z,3,kWh",
            "mill,main,2026-01-01T00:00:00Z,1,kWh",
        )
    )
    assert codes(verdict) == [(5, "DUPLICATE_IDEMPOTENCY_KEY")]
    assert "already on line 3" in details(verdict)[0]
    assert verdict.rejects["value_text"].to_pylist() == ["3"]
    assert verdict.rows_exact_duplicate == 1
    assert accepted(verdict, "meter_id", "usage_kwh") == [
        ("main", Decimal(1)),
        ("main", Decimal(9)),
        ("quarter", Decimal(2)),
    ]


def test_a_refused_row_does_not_claim_the_interval() -> None:
    verdict = judged(
        rows("mill,main,2026-01-01T00:00:00Z,-1,kWh", "mill,main,2026-01-01T00:00:00Z,1,kWh")
    )
    assert codes(verdict) == [(2, "INVALID_VALUE")]
    assert verdict.rows_accepted == 1


def test_a_csv_key_counts_once_and_another_key_is_a_revision() -> None:
    verdict = judged(
        KEYED
        + "mill,main,2026-01-01T00:00:00Z,1,a\n"
        + "mill,main,2026-01-01T00:00:00Z,1,a\n"
        + "mill,main,2026-01-01T00:00:00Z,2,a\n"
        + "mill,main,2026-01-01T00:00:00Z,2,b\n"
        + "mill,main,2026-01-01T00:00:00Z,3, \n"
    )
    assert verdict.rows_exact_duplicate == 1
    assert codes(verdict) == [(4, "DUPLICATE_IDEMPOTENCY_KEY")]
    assert accepted(verdict, "usage_kwh", "idempotency_key") == [
        (Decimal(1), "a"),
        (Decimal(2), "b"),
        (Decimal(3), None),
    ]


def test_keys_of_two_organizations_do_not_meet() -> None:
    verdict = judged(
        KEYED + "mill,main,2026-01-01T00:00:00Z,1,a\n" + "works,main,2026-01-01T00:00:00Z,2,a\n"
    )
    assert verdict.rows_accepted == 2


def test_api_keys_count_over_all_batches_of_the_file() -> None:
    verdict = judged_api(
        batch_line(record(idempotency_key="k"), record(idempotency_key="k")),
        batch_line(record(idempotency_key="k", value=2), record(idempotency_key="l", value=2)),
    )
    assert verdict.rows_exact_duplicate == 1
    assert codes(verdict) == [(3, "DUPLICATE_IDEMPOTENCY_KEY")]
    assert accepted(verdict, "line_number", "record_index", "usage_kwh", "idempotency_key") == [
        (1, 0, Decimal("1.5"), "k"),
        (4, 1, Decimal(2), "l"),
    ]


def test_an_api_record_without_key_is_keyed_by_meter_and_interval() -> None:
    verdict = judged_api(batch_line(record(), record(idempotency_key=" "), record(value=9)))
    assert verdict.rows_exact_duplicate == 1
    assert codes(verdict) == [(3, "DUPLICATE_IDEMPOTENCY_KEY")]
    assert accepted(verdict, "idempotency_key") == [(None,)]
