"""Request bodies as columns of text: numbers as written, one result by either way of reading."""

import json

import pytest

from cei_assets.core.intake.batch_body import (
    MAX_NESTING,
    NotABatchError,
    TooManyRecordsError,
    body_of,
    read_body,
    read_json,
)


def body(*records: str, rest: str = "") -> bytes:
    """A body of records that are given as JSON texts."""
    return f'{{"records": [{", ".join(records)}]{rest}}}'.encode()


def refusal(text: bytes) -> str:
    with pytest.raises(NotABatchError) as raised:
        read_body(text)
    return raised.value.detail


@pytest.mark.parametrize(
    "number",
    ["1.50", "1E+2", "-0", "0.1000000000000000055511151231257827", "12345678901234567890", "1e400"],
)
@pytest.mark.parametrize("other", ["{}", '{"value": NaN}'], ids=["plain", "cell by cell"])
def test_a_number_keeps_the_text_it_was_written_with(number: str, other: str) -> None:
    cells = read_body(body(f'{{"value": {number}}}', other)).cells
    assert cells["value"][0] == number
    assert cells["value_type"][0] is None


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_only_the_standard_library_takes_is_a_number_as_written(constant: str) -> None:
    read = read_body(body(f'{{"value": {constant}, "site_id": "mill"}}'))
    assert read.cells["value"] == [constant]
    assert read.cells["value_type"] == [None]
    assert read.cells["site_id"] == ["mill"]


def test_an_integer_of_five_thousand_digits_is_taken_as_text() -> None:
    digits = "9" * 5000
    for cells in (f'{{"value": {digits}}}', f'{{"value": {digits}, "unit": {digits}}}'):
        assert read_body(body(cells)).cells["value"] == [digits]


def test_plain_records_and_the_same_read_cell_by_cell_give_the_same_columns() -> None:
    text = body(
        '{"site_id": "m\\u00eell", "meter_id": null, "timestamp_utc": "", "value": 1.50}',
        '{"value": null, "unit": "kWh", "idempotency_key": "k", "colour": ["red", {"a": 1}]}',
        '{"si\\u0074e_id": "a", "value": 1, "value": 2e0}',
        "{}",
        rest=', "source": "line \\"1\\""',
    )
    plain, other = read_body(text), body_of(read_json(text))
    assert plain.is_plain
    assert not other.is_plain
    assert plain.cells == other.cells
    assert plain.source == other.source == 'line "1"'


@pytest.mark.parametrize(
    ("cell", "text", "kind"),
    [
        ("true", "true", "true or false"),
        ('"1.5"', "1.5", "text"),
        ('[1.50, "a", null]', '[1.50,"a",null]', "a list"),
        ('{"a": NaN}', '{"a":NaN}', "an object"),
    ],
)
def test_a_value_of_the_wrong_type_is_kept_as_text_and_named(
    cell: str, text: str, kind: str
) -> None:
    read = read_body(body(f'{{"value": {cell}}}'))
    assert (read.cells["value"], read.cells["value_type"]) == ([text], [kind])
    assert not read.is_plain


def test_a_record_that_is_no_object_and_a_source_that_is_no_text_say_nothing() -> None:
    read = read_body(body("7", "null", rest=', "source": 7'))
    assert (read.records, read.source) == (2, None)
    assert read.cells["site_id"] == [None, None]


def test_a_lone_surrogate_is_spelled_out() -> None:
    read = read_body(
        body('{"site_id": "\\ud800", "value": ["\\udfff"], "idempotency_key": "k\\udbff"}')
    )
    assert read.cells["site_id"] == ["\\ud800"]
    assert read.cells["value"] == ['["\\udfff"]']
    assert read.cells["idempotency_key"] == ["k\\udbff"]
    assert read_body(body('{"site_id": "\\ud83d\\ude00"}')).cells["site_id"] == ["\U0001f600"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b"{not json", "not JSON (", id="no json"),
        pytest.param(b'{"records": [{"value": 1.}]}', "not JSON", id="no number"),
        pytest.param(b'\xef\xbb\xbf{"records": [{}]}', "BOM", id="byte-order mark"),
        pytest.param('{"records": [{}]}'.encode("utf-16"), "not UTF-8 (byte 0)", id="utf-16"),
        pytest.param(b'{"records": [{"site_id": "\xff"}]}', "not UTF-8", id="cell not utf-8"),
        pytest.param(b'{"records": [{"colour": "\xff"}]}', "not UTF-8", id="unknown not utf-8"),
        pytest.param(b"[]", "a list, not an object", id="list"),
        pytest.param(b"7", "a number, not an object", id="number"),
        pytest.param(b"null", "null, not an object", id="null"),
        pytest.param(b"{}", "records is missing", id="no records"),
        pytest.param(b'{"records": {}}', "records is an object, not a list", id="object"),
        pytest.param(b'{"records": null}', "records is null, not a list", id="null records"),
        pytest.param(b'{"records": []}', "records is empty", id="empty"),
    ],
)
def test_a_body_that_is_no_batch_is_refused_with_what_was_found(text: bytes, words: str) -> None:
    detail = refusal(text)
    assert words in detail
    assert '{"records": [{...}, ...]}' in detail


@pytest.mark.parametrize("member", ["value", "colour"])
def test_nesting_is_bounded_by_a_number_and_not_by_the_stack(member: str) -> None:
    def nested(levels: int) -> bytes:
        return body(f'{{"{member}": {"[" * (levels - 3)}{"]" * (levels - 3)}}}')

    assert read_body(nested(MAX_NESTING)).records == 1
    for levels in (MAX_NESTING + 1, 900, 200_000):
        assert f"nested deeper than {MAX_NESTING}" in refusal(nested(levels))


def test_brackets_in_text_and_side_by_side_are_no_nesting() -> None:
    brackets = json.dumps({"site_id": '"[{' * 500, "colour": [[] for _ in range(500)]})
    assert read_body(body(brackets, '{"value": NaN}')).records == 2
    assert read_body(body(brackets)).is_plain


@pytest.mark.parametrize("record", ["{}", '{"value": NaN}', "[]"])
def test_more_records_than_the_limit_are_counted_and_refused(record: str) -> None:
    assert read_body(body(record, record), max_records=2).records == 2
    with pytest.raises(TooManyRecordsError, match="3 records, over the limit of 2") as raised:
        read_body(body(record, record, record), max_records=2)
    assert raised.value.records == 3


def test_a_flood_of_cells_is_refused_before_it_is_taken_apart() -> None:
    flood = '{"value": [' + "1," * 200 + "1]}"
    assert read_body(body(flood)).records == 1
    with pytest.raises(NotABatchError, match="200 cells, over the limit of 100"):
        read_body(body(flood), max_records=2)
    commas = '{"value": true, "site_id": "' + "," * 200 + '"}'
    assert read_body(body(commas), max_records=2).records == 1
