"""Batches: numbers survive as written, verdicts given on receipt are kept, no record is lost."""

import json
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.contracts.vocabulary import RecordCode, UploadSource
from cei_assets.core.intake.batch_body import NotABatchError, body_of, read_body, read_json
from cei_assets.core.intake.judge import judge_rows
from cei_assets.core.intake.places import registered_meters
from cei_assets.core.intake.row_source import ROW_COLUMNS
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, Verdict
from tests.intake_drops import NOW, REGISTER, accepted, codes, in_memory, judged, record

SESSION = in_memory()
METERS = registered_meters(SESSION, register=REGISTER, year=NOW.year)
NANO = Decimal("1e-9")
GIVEN_CODES = [code.value for code in RecordCode if not code.startswith("MALFORMED")]

JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=4),
        st.characters(categories=["Cs"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = ["site_id", "meter_id", "timestamp_utc", "value", "unit", "idempotency_key"]
GOOD = st.builds(
    lambda meter, hour, value, key: record(
        meter_id=meter,
        timestamp_utc=f"2026-01-01T{hour:02d}:00:00Z",
        value=value,
        idempotency_key=key,
    ),
    st.sampled_from(["main", "quarter"]),
    st.integers(0, 3),
    st.integers(0, 2),
    st.sampled_from([None, "a", "b", " "]),
)
RECORDS = st.one_of(
    GOOD,
    GOOD,
    st.builds(
        lambda fields: record(**fields),
        st.dictionaries(st.sampled_from(FIELDS), JSON, min_size=1, max_size=3),
    ),
    JSON,
)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """JSON numbers from 0 to 10^6, written in any way that JSON allows."""
    whole = draw(st.integers(0, 999_999))
    fraction = draw(st.text("0123456789", max_size=14))
    text = f"{whole}.{fraction}" if fraction else str(whole)
    if draw(st.booleans()):
        return text
    shift = draw(st.integers(-6, 6))
    mantissa = format(Decimal(text).scaleb(-shift), "f")
    sign = "" if shift < 0 else draw(st.sampled_from(["", "+"]))
    return f"{mantissa}{draw(st.sampled_from('eE'))}{sign}{shift}"


def line_of(body: str, *, verdict: object = None, organization_id: str = "acme") -> str:
    receipt = {"organization_id": organization_id, "received_at_utc": "2026-11-21T12:00:00Z"}
    given = "" if verdict is None else f', "verdict": {json.dumps(verdict)}'
    return f'{{"receipt": {json.dumps(receipt)}{given}, "body": {body}}}'


def judged_lines(*lines: str) -> Verdict:
    return judged("\n".join(lines) + "\n", source=UploadSource.CEI_API, connection=SESSION.cursor())


def taken(verdict: Verdict) -> list[tuple[Any, ...]]:
    names = ("site_id", "meter_id", "interval_start_utc", "usage_kwh", "idempotency_key")
    return sorted(accepted(verdict, *names), key=repr)


@given(st.lists(numbers(), min_size=1, max_size=6), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_energy_that_is_stored_is_the_number_that_was_written(
    texts: list[str], has_nan: bool
) -> None:
    rows = [
        f'{{"site_id": "mill", "meter_id": "main", "value": {text}, '
        f'"timestamp_utc": "2026-01-01T{hour:02d}:00:00Z"}}'
        for hour, text in enumerate(texts)
    ]
    rows += ['{"value": NaN}'] * has_nan
    body = f'{{"records": [{", ".join(rows)}]}}'
    assert read_body(body.encode()).cells["value"][: len(texts)] == texts
    verdict = judged_lines(line_of(body))
    stored = [usage for _, usage in sorted(accepted(verdict, "line_number", "usage_kwh"))]
    assert stored == [Decimal(text).quantize(NANO, ROUND_HALF_UP) for text in texts]


@given(st.lists(RECORDS, min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
def test_a_body_is_the_same_read_either_way(records: list[object]) -> None:
    text = json.dumps({"records": records}).encode()
    read, cell_by_cell = read_body(text), body_of(read_json(text))
    assert read.records == len(records)
    assert read.cells == cell_by_cell.cells
    assert {len(column) for column in read.cells.values()} == {len(records)}
    for name, column in read.cells.items():
        pa.array(column, ROW_COLUMNS[name])


@given(JSON | st.dictionaries(st.sampled_from(["records", "source"]), JSON | st.lists(JSON)))
@settings(max_examples=50, deadline=None)
def test_any_json_is_a_batch_or_refused_with_words(content: object) -> None:
    _read(json.dumps(content).encode())


@given(st.binary(max_size=60), st.sampled_from([b"", b'{"records": [', b'{"records": [{}], "a": ']))
@settings(max_examples=120, deadline=None)
def test_any_bytes_are_a_batch_or_refused_with_words(noise: bytes, start: bytes) -> None:
    _read(start + noise)


def _read(text: bytes) -> None:
    try:
        read = read_body(text, max_records=100)
    except NotABatchError as error:
        assert error.detail  # noqa: PT017 - either outcome is right
    else:
        assert {len(column) for column in read.cells.values()} == {read.records}


@st.composite
def given_batches(draw: st.DrawFn) -> tuple[list[object], list[str]]:
    """Records with the fate of each: open, skipped, or the code that it failed with."""
    records = draw(st.lists(RECORDS, min_size=1, max_size=6))
    fates = st.sampled_from(["open", "open", "skipped", *GIVEN_CODES])
    return records, [draw(fates) for _ in records]


@given(st.lists(given_batches(), min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_what_was_said_on_receipt_is_kept_and_the_rest_is_judged_as_if_alone(
    batches: list[tuple[list[object], list[str]]],
) -> None:
    lines, alone, failed = [], [], []
    number = 0
    for records, fates in batches:
        said: dict[str, Any] = {
            "skipped": [index for index, fate in enumerate(fates) if fate == "skipped"],
            "failed": [
                {"index": index, "code": fate, "detail": f"said of {number + index + 1}"}
                for index, fate in enumerate(fates)
                if fate in GIVEN_CODES
            ],
        }
        lines.append(line_of(json.dumps({"records": records}), verdict=said))
        still = [one for one, fate in zip(records, fates, strict=True) if fate == "open"]
        if still:
            alone.append(line_of(json.dumps({"records": still})))
        failed += [(number + one["index"] + 1, one["code"]) for one in said["failed"]]
        number += len(records)
    found = judged_lines(*lines)
    skipped = sum(fate == "skipped" for _, fates in batches for fate in fates)
    reject_details = dict(
        zip(
            found.rejects["line_number"].to_pylist(),
            found.rejects["detail"].to_pylist(),
            strict=True,
        )
    )
    assert found.rows_read == number
    assert set(failed) <= set(codes(found))
    assert all(reject_details[line] == f"said of {line}" for line, _ in failed)
    if not alone:
        assert (found.rows_exact_duplicate, found.rows_accepted) == (skipped, 0)
        return
    rest = judged_lines(*alone)
    assert found.rows_exact_duplicate == skipped + rest.rows_exact_duplicate
    assert taken(found) == taken(rest)
    left = Counter(code for _, code in codes(found)) - Counter(code for _, code in failed)
    assert left == Counter(code for _, code in codes(rest))


@given(st.lists(RECORDS, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_single_rows_get_the_verdict_that_a_file_of_them_gets(records: list[object]) -> None:
    text = json.dumps({"records": records})
    body = read_body(text.encode())
    rows = judge_rows(
        connection=SESSION,
        rows=pa.table(
            {name: pa.array(cells, ROW_COLUMNS[name]) for name, cells in body.cells.items()}
        ),
        register=REGISTER,
        meters=METERS,
        receipt=ReceiptFacts(
            receipt_id="0",
            upload_source="cei_api",
            received_at_utc=NOW,
            received_date=NOW.date(),
            organization_id="acme",
        ),
        limits=Limits(),
    )
    whole = judged_lines(line_of(text))
    refused = {
        line: reject for line, reject in enumerate(rows.codes, start=1) if reject is not None
    }
    late = "DUPLICATE_IDEMPOTENCY_KEY"
    assert refused == {line: code for line, code in codes(whole) if code != late}
    for line, usage in accepted(whole, "line_number", "usage_kwh"):
        assert rows.nano_kwh[line - 1] == usage / NANO
    valid = len(records) - len(refused)
    assert valid == whole.rows_accepted + whole.rows_exact_duplicate + sum(
        code == late for _, code in codes(whole)
    )


@pytest.mark.parametrize("levels", [10, 61, 62, 500, 100_000])
def test_nesting_of_any_depth_gets_a_verdict(levels: int) -> None:
    body = f'{{"records": [{{"value": {"[" * levels}{"]" * levels}}}]}}'
    verdict = judged_lines(line_of(body), line_of(json.dumps({"records": [record()]})))
    assert (verdict.rows_read, verdict.rows_accepted, verdict.rows_rejected) == (2, 1, 1)
