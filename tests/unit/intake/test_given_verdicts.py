"""Lines with the verdict that their sender was given: it is kept, and every record counts once."""

from decimal import Decimal

import pytest

from cei_assets.contracts.vocabulary import RecordCode
from tests.intake_drops import accepted, at, batch_line, codes, details, judged_api, record

CONFLICT = {"index": 1, "code": "DUPLICATE_IDEMPOTENCY_KEY", "detail": "key 'k' is stored"}


def hours(*values: object, **fields: object) -> list[dict[str, object]]:
    """Records of successive hours."""
    return [
        record(timestamp_utc=f"2026-01-01T{hour:02d}:00:00Z", value=value, **fields)
        for hour, value in enumerate(values)
    ]


def test_skipped_records_are_exact_duplicates_and_failed_ones_rejects() -> None:
    verdict = judged_api(
        batch_line(*hours(1, 2, 3), verdict={"skipped": [0], "failed": [CONFLICT]})
    )
    assert (verdict.rows_read, verdict.rows_exact_duplicate) == (3, 1)
    assert accepted(verdict, "line_number", "record_index", "usage_kwh") == [(3, 2, Decimal(3))]
    (reject,) = verdict.rejects.to_pylist()
    assert {name: reject[name] for name in (
        "line_number", "record_index", "organization_id", "code", "column_name", "detail",
        "site_id_text", "meter_id_text", "timestamp_text", "value_text", "unit_text",
    )} == {
        "line_number": 2, "record_index": 1, "organization_id": "acme",
        "code": "DUPLICATE_IDEMPOTENCY_KEY", "column_name": "idempotency_key",
        "detail": "key 'k' is stored", "site_id_text": "mill", "meter_id_text": "main",
        "timestamp_text": "2026-01-01T01:00:00Z", "value_text": "2", "unit_text": "kWh",
    }  # fmt: skip
    assert reject["received_at_utc"] == at("2026-11-21T12:00")


def test_a_failed_record_keeps_its_code_though_it_would_pass_now() -> None:
    failed = {"index": 0, "code": "UNKNOWN_METER", "detail": "was not registered"}
    verdict = judged_api(batch_line(record(), verdict={"failed": [failed]}))
    assert codes(verdict) == [(1, "UNKNOWN_METER")]
    assert details(verdict) == ["was not registered"]


def test_an_acknowledged_record_that_the_register_no_longer_knows_is_rejected_not_lost() -> None:
    verdict = judged_api(batch_line(record(meter_id="gone"), record(), verdict={"skipped": []}))
    assert codes(verdict) == [(1, "UNKNOWN_METER")]
    assert verdict.rows_accepted == 1


def test_records_that_were_not_taken_hold_no_key_for_the_others() -> None:
    first, second, third = hours(1, 2, 3, idempotency_key="k")
    verdict = judged_api(
        batch_line(first, verdict={"skipped": [0]}),
        batch_line(record(), second, verdict={"failed": [CONFLICT], "skipped": [0]}),
        batch_line(third, verdict={"skipped": []}),
    )
    assert accepted(verdict, "line_number") == [(4,)]
    assert (verdict.rows_exact_duplicate, codes(verdict)) == (
        2,
        [(3, "DUPLICATE_IDEMPOTENCY_KEY")],
    )


def test_lines_without_a_verdict_are_judged_as_ever_beside_lines_with_one() -> None:
    first, _ = hours(1, 2)
    verdict = judged_api(
        batch_line(first, verdict={}),
        batch_line(first),
        batch_line({**first, "value": 9}),
        batch_line(first, verdict={"skipped": [0]}),
    )
    assert accepted(verdict, "line_number") == [(1,)]
    assert verdict.rows_exact_duplicate == 2
    assert codes(verdict) == [(3, "DUPLICATE_IDEMPOTENCY_KEY")]


@pytest.mark.parametrize(
    ("code", "column"),
    [
        ("UNKNOWN_SITE", "site_id"),
        ("ORG_MISMATCH", "site_id"),
        ("UNKNOWN_METER", "meter_id"),
        ("INVALID_UNIT", "unit"),
        ("INVALID_TIMESTAMP", "timestamp_utc"),
        ("INVALID_VALUE", "value"),
        ("DUPLICATE_IDEMPOTENCY_KEY", "idempotency_key"),
        ("INTERNAL_ERROR", None),
    ],
)
def test_a_code_that_was_given_points_at_its_column(code: str, column: str | None) -> None:
    failed = {"index": 0, "code": code, "detail": "why"}
    (reject,) = judged_api(batch_line(record(), verdict={"failed": [failed]})).rejects.to_pylist()
    assert (reject["code"], reject["column_name"]) == (code, column)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ([], "the verdict is unreadable: Expected `object | null`, got `array`"),
        ({"skipped": 0}, "Expected `array`, got `int` - at `$.skipped`"),
        ({"skipped": ["0"]}, "Expected `int`, got `str` - at `$.skipped[0]`"),
        ({"skipped": [True]}, "Expected `int`, got `bool`"),
        ({"skipped": [0.5]}, "Expected `int`"),
        ({"failed": [{"index": 0, "code": "INVALID_VALUE"}]}, "missing required field `detail`"),
        ({"failed": [{"index": 0, "code": 7, "detail": ""}]}, "Expected `str`, got `int`"),
        ({"skipped": [2]}, "does not fit the body: index 2 of 2 records"),
        ({"skipped": [-1]}, "does not fit the body: index -1 of 2 records"),
        ({"skipped": [1, 1]}, "index 1 stands 2 times"),
        ({"skipped": [1], "failed": [CONFLICT]}, "index 1 stands 2 times"),
        ({"failed": [{**CONFLICT, "code": "NO_CODE"}]}, "unknown code 'NO_CODE' at index 1"),
        ({"failed": [{**CONFLICT, "code": "MALFORMED_ROW"}]}, "unknown code 'MALFORMED_ROW'"),
    ],
)
@pytest.mark.parametrize("value", ["1", "NaN"], ids=["plain", "cell by cell"])
def test_an_unreadable_verdict_makes_its_line_malformed(
    verdict: object, words: str, value: str
) -> None:
    line = batch_line(record(value="VALUE"), record(), verdict=verdict)
    found = judged_api(line.replace('"VALUE"', value), batch_line(record()))
    assert codes(found) == [(1, "MALFORMED_ROW")]
    assert words in details(found)[0]
    assert found.rejects["organization_id"].to_pylist() == ["acme"]
    assert found.rows_accepted == 1


def test_a_verdict_on_a_body_that_only_the_standard_library_takes_counts_too() -> None:
    failed = {"index": 1, "code": "INVALID_VALUE", "detail": "value is NaN, not a finite number"}
    line = batch_line(
        record(), record(value="NAN"), record(value=2), verdict={"skipped": [2], "failed": [failed]}
    )
    verdict = judged_api(line.replace('"NAN"', "NaN"))
    assert (verdict.rows_accepted, verdict.rows_exact_duplicate) == (1, 1)
    assert codes(verdict) == [(2, "INVALID_VALUE")]
    assert verdict.rejects["value_text"].to_pylist() == ["NaN"]


def test_every_code_of_a_record_may_be_given() -> None:
    given = [code for code in RecordCode if not code.startswith("MALFORMED")]
    failed = [
        {"index": index, "code": code.value, "detail": "why"} for index, code in enumerate(given)
    ]
    verdict = judged_api(batch_line(*hours(*range(len(given))), verdict={"failed": failed}))
    assert [code for _, code in codes(verdict)] == given
