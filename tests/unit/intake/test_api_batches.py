"""API batches as landed: JSON types, receipts of their own, lines that are no batch."""

from decimal import Decimal

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


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_a_value_that_is_not_finite_fails_its_record_and_no_other(constant: str) -> None:
    verdict = judged_api(batch_line(record(value="X"), record()).replace('"X"', constant))
    assert codes(verdict) == [(1, "INVALID_VALUE")]
    assert details(verdict) == [f"value is {constant}, not a finite number"]
    assert verdict.rows_accepted == 1


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("0.30000000000000004", "0.300000000"),
        ("123456.123456789", "123456.123456789"),
        ("999999.999999999", "999999.999999999"),
        ("0.1234567895", "0.123456790"),
        ("1.25e1", "12.5"),
        ("1e-5000", "0"),
        ("-0", "0"),
    ],
)
def test_a_value_is_stored_as_it_was_written(written: str, stored: str) -> None:
    verdict = judged_api(batch_line(record(value="X")).replace('"X"', written))
    assert accepted(verdict, "usage_kwh") == [(Decimal(stored),)]


def test_a_reject_gives_the_value_as_it_was_written() -> None:
    huge = "9" * 5000
    line = batch_line(record(value="X"), record(value="Y"))
    verdict = judged_api(line.replace('"X"', huge).replace('"Y"', "-1.50E+00"))
    assert codes(verdict) == [(1, "INVALID_VALUE"), (2, "INVALID_VALUE")]
    assert verdict.rejects["value_text"].to_pylist() == [huge, "-1.50E+00"]


def test_a_lone_surrogate_in_a_name_is_an_unknown_name() -> None:
    line = batch_line(record(site_id="X"), record(idempotency_key="Y"))
    verdict = judged_api(line.replace('"X"', '"mill\\ud800"').replace('"Y"', '"\\udfff"'))
    assert codes(verdict) == [(1, "UNKNOWN_SITE")]
    assert verdict.rejects["site_id_text"].to_pylist() == ["mill\\ud800"]
    assert accepted(verdict, "idempotency_key") == [("\\udfff",)]


def test_rejects_belong_to_the_sender_also_where_the_site_is_anothers() -> None:
    verdict = judged_api(
        batch_line(record(site_id="works"), record(site_id="x"), record(value=-1)),
        batch_line(record(value=-1), record(site_id="x"), organization_id=None),
        batch_line(organization_id="acme"),
    )
    assert [row["code"] for row in verdict.rejects.to_pylist()] == [
        "ORG_MISMATCH", "UNKNOWN_SITE", "INVALID_VALUE", "INVALID_VALUE", "UNKNOWN_SITE",
        "MALFORMED_ROW",
    ]  # fmt: skip
    assert verdict.rejects["organization_id"].to_pylist() == [
        "acme", "acme", "acme", "acme", None, "acme",
    ]  # fmt: skip


def test_rejects_that_only_the_whole_file_shows_belong_to_the_sites_organization() -> None:
    verdict = judged_api(
        batch_line(record(), organization_id=None),
        batch_line(record(value=2), organization_id=None),
    )
    assert codes(verdict) == [(2, "DUPLICATE_IDEMPOTENCY_KEY")]
    assert verdict.rejects["organization_id"].to_pylist() == ["acme"]


@pytest.mark.parametrize("organization_id", ["", " acme", "acme\n"])
def test_a_receipt_of_no_proper_organization_is_malformed(organization_id: str) -> None:
    verdict = judged_api(batch_line(record(), organization_id=organization_id))
    assert codes(verdict) == [(1, "MALFORMED_ROW")]
    assert verdict.rejects["organization_id"].to_pylist() == [None]
