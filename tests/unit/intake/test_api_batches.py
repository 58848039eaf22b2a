"""API batches as landed: JSON types, receipts of their own, lines that are no batch."""

import pytest

from tests.intake_drops import accepted, at, batch_line, codes, details, judged_api, record


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"site_id": None}, "UNKNOWN_SITE", "site_id is missing"),
        ({"site_id": ""}, "UNKNOWN_SITE", "site_id is blank"),
        ({"site_id": 7}, "UNKNOWN_SITE", "site_id is a number, not text"),
        ({"meter_id": ["main"]}, "UNKNOWN_METER", "meter_id is a list, not text"),
        ({"unit": 1}, "INVALID_UNIT", "unit is a number, not text"),
        ({"unit": ""}, "INVALID_UNIT", "unit '' is not kWh"),
        ({"timestamp_utc": 1767225600}, "INVALID_TIMESTAMP", "is a number, not text"),
        ({"timestamp_utc": None}, "INVALID_TIMESTAMP", "missing"),
        ({"value": None}, "INVALID_VALUE", "value is missing"),
        ({"value": True}, "INVALID_VALUE", "true or false"),
        ({"value": "1.5"}, "INVALID_VALUE", "value is text, not a number"),
        ({"value": {}}, "INVALID_VALUE", "value is an object"),
        ({"value": -0.1}, "INVALID_VALUE", "negative"),
    ],
)
def test_a_cell_of_the_wrong_type_is_named(
    fields: dict[str, object], code: str, words: str
) -> None:
    verdict = judged_api(batch_line(record(**fields)))
    assert codes(verdict) == [(1, code)]
    assert words in details(verdict)[0]


def test_no_unit_and_unknown_fields_are_fine() -> None:
    assert judged_api(batch_line(record(unit=None, colour="red"))).rows_accepted == 1


def test_a_record_that_is_no_object_is_refused_alone() -> None:
    verdict = judged_api(batch_line(7, record()))
    assert codes(verdict) == [(1, "UNKNOWN_SITE")]
    assert verdict.rows_accepted == 1


@pytest.mark.parametrize(
    "line",
    [
        "{not json",
        "[]",
        "7",
        "{}",
        '{"receipt": {}, "body": {}}',
        '{"receipt": {}, "body": {"records": []}}',
        '{"receipt": {}, "body": {"records": {}}}',
        '{"receipt": {"organization_id": 1}, "body": {"records": [{}]}}',
        '{"receipt": {"received_at_utc": "soon"}, "body": {"records": [{}]}}',
        '{"receipt": {"received_at_utc": "0001-01-01T00:00:00+14:00"}, "body": {"records": [{}]}}',
    ],
)
def test_a_line_that_is_no_batch_is_one_malformed_row_and_the_others_go_in(line: str) -> None:
    verdict = judged_api(batch_line(record()), line, batch_line(record(value=9)))
    assert codes(verdict) == [
        (2, "MALFORMED_ROW"),
        (3, "DUPLICATE_IDEMPOTENCY_KEY"),
    ]
    assert verdict.rejects["raw_text"].to_pylist()[0] == line
    assert verdict.rows_read == 3


def test_the_organization_of_each_batch_counts() -> None:
    works = record(site_id="works")
    verdict = judged_api(
        batch_line(works, organization_id="other"), batch_line(works, organization_id="acme")
    )
    assert codes(verdict) == [(2, "ORG_MISMATCH")]


def test_a_batch_is_judged_by_the_clock_of_its_own_receipt() -> None:
    early = "2026-01-01T00:30:00Z"
    verdict = judged_api(
        batch_line(record(timestamp_utc="2026-01-01T01:00:00Z"), received_at=early),
        batch_line(record(timestamp_utc="2026-01-01T01:00:00Z", value=2)),
    )
    assert codes(verdict) == [(1, "INVALID_TIMESTAMP")]
    assert accepted(verdict, "received_at_utc") == [(at("2026-11-21T12:00"),)]


def test_rejects_carry_index_and_receipt_time_of_their_batch() -> None:
    verdict = judged_api(
        batch_line(record()),
        batch_line(record(meter_id="x"), record(value=-1), received_at="2026-11-20T00:00:00Z"),
    )
    found = verdict.rejects.select(["line_number", "record_index", "received_at_utc"]).to_pylist()
    assert [tuple(row.values()) for row in found] == [
        (2, 0, at("2026-11-20T00:00")),
        (3, 1, at("2026-11-20T00:00")),
    ]
