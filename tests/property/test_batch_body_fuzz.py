"""Request bodies of any kind: an answer for every record, the same by the short way and the long.

Some hundred inputs in an ordinary run. More with, for example,

    CEI_FUZZ_EXAMPLES=20000 python -m pytest tests/property/test_batch_body_fuzz.py

which also draws anew each time; what fails is printed, and kept in hypothesis' example database.
"""

import json
import os
from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cei_assets.contracts.vocabulary import RecordCode, UploadSource
from cei_assets.core.intake.batch_body import Body, NotABatchError, read_body
from cei_assets.core.intake.batch_judge import MAX_KEY_CHARACTERS, BatchJudge, JudgedBatch
from cei_assets.core.intake.idempotency import KeyLedger, KeyVerdict
from cei_assets.core.intake.receipt_line import read_line
from cei_assets.core.intake.verdict import Limits
from cei_assets.gateway.committer import Arrival, _resolve
from tests.intake_drops import NOW, REGISTER, accepted, in_memory, judged

EXAMPLES = int(os.environ.get("CEI_FUZZ_EXAMPLES", "0"))
FUZZ = settings(
    max_examples=EXAMPLES or 100,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
SESSION = in_memory()
JUDGE = BatchJudge(connection=SESSION, register=REGISTER, limits=Limits(), year=NOW.year)
ORDER = {code.value: place for place, code in enumerate(RecordCode)}
MOST_RECORDS = 30
MOST_DETAIL = 2_000

EDGES = [
    NOW + timedelta(seconds=shift) for shift in (-3600, -1, 0, 299, 300, 301, 3600, 86_400)
] + [NOW - timedelta(days=3650, seconds=shift) for shift in (-3600, -1, 0, 1, 3600)]
USUAL_TIMES = st.one_of(
    st.builds(
        lambda hours, minutes: (
            f"{NOW + timedelta(hours=hours, minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
        ),
        st.integers(-90_000, 2),
        st.sampled_from([0, 0, 0, 15, 30, 45, 1]),
    ),
    st.sampled_from([f"{edge:%Y-%m-%dT%H:%M:%SZ}" for edge in EDGES]),
)
ODD_TIMES = [
    "2026-11-20T24:00:00Z", "2026-11-20T23:59:60Z", "2026-11-20t10:00:00z",
    "2026-11-20T10:00:00z", "2026-11-20 10:00:00Z", "2026-11-20T10:00:00+00:00",
    "2026-11-20T10:00:00-00:00", "2026-11-20T10:00:00+05:30", "2026-11-20T10:00Z",
    "2026-11-20T10Z", "2026-11-20T10:00:00.000Z", "2026-11-20T10:00:00.0000001Z",
    "2026-11-20T10:00:00,5Z", "20261120T100000Z", "2026-W47-5T10:00:00Z", "2026-324T10:00:00Z",
    "2026-02-29T10:00:00Z", "2024-02-29T10:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z", "0000-01-01T00:00:00Z",
    "9999-12-31T23:00:00Z", "2026-11-20T10:00:00Z\n", " 2026-11-20T10:00:00Z",
    "2026-11-20T10:00:00Z ", "\uff12026-11-20T10:00:00Z", "2026-11-2\u0660T10:00:00Z",
    "2026-11-20T10:00:00\u2212 01:00", "2026-11-20T10:00:00+24:00", "+2026-11-20T10:00:00Z",
    "2026-11-20T10:00:00", "2026-11-20", "2026-11-20T10:00:00.123456789Z", "",
    "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-03-29T01:00:00Z",
]  # fmt: skip
USUAL_VALUES = st.builds(
    lambda whole, fraction: f"{whole}.{fraction}" if fraction else str(whole),
    st.integers(0, 1_000_001),
    st.text("0123456789", max_size=12),
)
ODD_VALUES = [
    "1e6", "1E6", "1e+6", "1.0e6", "1000000", "1000000.0", "1000000.000000000",
    "1000000.0000000001", "1000000.000000001", "999999.9999999999", "999999.9999999995",
    "999999.9999999994", "0.1234567891", "0.12345678949", "0.1234567895", "0.1234567885",
    "0.0000000005", "0.0000000004", "1e-9", "5e-10", "1e-400", "1e400", "-0", "-0.0", "-0e5",
    "-1e-10", "-1e-400", "0", "0.0", "0e999", "9" * 400, "0." + "9" * 400, "10000000",
    "1234567",
]  # fmt: skip
NO_NUMBERS = st.sampled_from(
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "null",
        "true",
        '"1"',
        "[]",
        "{}",
        '""',
        "01",
        "+1",
        ".5",
        "1.",
    ]
)
KEYS = st.one_of(
    st.sampled_from(["a", "b", "", " ", "\u3000", "\x1c", "\x85", "\u200b", "\ufeff", "\0"]),
    st.sampled_from(["k" * MAX_KEY_CHARACTERS, "k" * (MAX_KEY_CHARACTERS + 1), " " * 300]),
    st.text(max_size=3),
)
GOOD = {
    "site_id": '"mill"',
    "meter_id": '"main"',
    "timestamp_utc": '"2026-11-20T10:00:00Z"',
    "value": "41.25",
    "unit": '"kWh"',
}
# What a member may be instead, as JSON; only the last row has types that are wrong.
FITTING = st.one_of(
    USUAL_TIMES.map(lambda time: {"timestamp_utc": json.dumps(time)}),
    USUAL_VALUES.map(lambda value: {"value": value}),
    st.sampled_from(ODD_TIMES).map(lambda time: {"timestamp_utc": json.dumps(time)}),
    st.sampled_from(ODD_VALUES).map(lambda value: {"value": value}),
    st.text(max_size=30).map(lambda time: {"timestamp_utc": json.dumps(time)}),
    st.sampled_from(["kWh", "KWH", " kWh ", "kwh\n", "MWh", "", "\u212aWh"]).map(
        lambda unit: {"unit": json.dumps(unit)}
    ),
    st.sampled_from(["plant_in", "works", "nowhere", " mill", "Mill", "m\xefll"]).map(
        lambda site: {"site_id": json.dumps(site)}
    ),
    st.sampled_from(["quarter", "ending", "nothing", "main ", ""]).map(
        lambda meter: {"meter_id": json.dumps(meter)}
    ),
    KEYS.map(lambda key: {"idempotency_key": json.dumps(key)}),
    st.sampled_from(list(GOOD)).map(lambda name: {name: "null"}),
    st.just({"unknown": '["red", {"a": 1e999}]'}),
)
WRONG = st.one_of(
    NO_NUMBERS.map(lambda value: {"value": value}),
    st.builds(
        lambda name, value: {name: value},
        st.sampled_from([*GOOD, "idempotency_key"]),
        st.sampled_from(["7", "true", "[]", '{"a": [1]}', "NaN", '"\\ud800"']),
    ),
)


def written(changes: list[dict[str, str]]) -> str:
    """A good record as JSON, with some members replaced."""
    members = GOOD.copy()
    for change in changes:
        members |= change
    return f"{{{', '.join(f'{json.dumps(name)}: {value}' for name, value in members.items())}}}"


def bodies(record: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Bodies of such records."""
    return st.builds(
        lambda records, rest: f'{{"records": [{", ".join(records)}]{rest}}}',
        st.lists(record, min_size=1, max_size=MOST_RECORDS),
        st.sampled_from(["", ', "source": "line1"', ', "source": null']),
    )


FITTING_RECORDS = st.lists(FITTING, max_size=2).map(written)
PLAIN_BODIES = bodies(FITTING_RECORDS)
BODIES = st.one_of(
    PLAIN_BODIES,
    bodies(
        st.one_of(FITTING_RECORDS, st.lists(st.one_of(FITTING, WRONG), max_size=3).map(written))
    ),
)
HOSTILE = st.one_of(
    st.sampled_from(
        [
            b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\r\n", b"\0", b"\x1f",
            b"\x7f", b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xef\xbb\xbf", b"\\ud800",
            b"\\u0000", b"\\n",
            b"NaN", b"-", b"1e999", b"9" * 500, b"null", b"true", b"[" * 70, b"]" * 70, b" " * 50,
            b'{"records":', b'"value":', b"//", b"0x1", b"\xe2\x80\xa8",
        ]
    ),
    st.binary(max_size=6),
)  # fmt: skip
CHANGES = st.lists(
    st.tuples(st.floats(0, 1), st.one_of(st.integers(0, 4), st.integers(0, 200)), HOSTILE),
    max_size=6,
)


def _damaged(body: str, changes: list[tuple[float, int, bytes]]) -> bytes:
    data = body.encode("utf-8", "surrogatepass")
    for place, removed, added in changes:
        at = int(place * len(data))
        data = data[:at] + added + data[at + removed :]
    return data


ANY_BODY = st.one_of(st.builds(_damaged, BODIES, CHANGES), st.binary(max_size=80))


def read(content: bytes) -> Body | None:
    """The body as the gateway reads it; None where it answers 422 or 413."""
    try:
        return read_body(content, max_records=MOST_RECORDS)
    except NotABatchError as refused:
        error = refused
    assert 0 < len(error.detail) < MOST_DETAIL
    return None


def judged_body(body: Body, *, is_short: bool = True) -> JudgedBatch:
    """The verdict on a body; with `is_short` false the judge has to see every record."""
    plain = JUDGE.judge_plain(body, organization_id="acme", received_at=NOW)
    if not is_short:
        plain = [None] * body.records
    return JUDGE.judge(body, organization_id="acme", received_at=NOW, plain=plain)


@given(ANY_BODY)
@example(b'{"records": [{}], "source": "\n"}')
@example(b'{"records": [{"idempotency_key": "a\nb"}]}')
@FUZZ
def test_every_record_of_any_body_gets_one_verdict(content: bytes) -> None:
    body = read(content)
    if body is None:
        return
    assert {len(column) for column in body.cells.values()} == {body.records}
    batch = judged_body(body)
    good = [record.position for record in batch.valid]
    bad = [refusal.index for refusal in batch.refused]
    assert good == sorted(good)
    assert bad == sorted(bad)
    assert sorted(good + bad) == list(range(body.records))
    assert all(refusal.code in ORDER for refusal in batch.refused)
    assert all(0 < len(refusal.detail) < MOST_DETAIL for refusal in batch.refused)
    ledger = KeyLedger({}, find=lambda _: None)
    verdicts = [ledger.judge(record) for record in batch.valid]
    assert verdicts.count(KeyVerdict.NEW) == len(ledger.added)
    assert len(ledger.added) == len({slot for slot, _, _ in ledger.added})


@given(ANY_BODY)
@FUZZ
def test_a_body_on_one_line_is_the_same_body(content: bytes) -> None:
    body = read(content)
    if body is None:
        return
    line = content.replace(b"\n", b" ").replace(b"\r", b" ")
    same = read_body(line)
    assert (same.records, same.cells, same.source) == (body.records, body.cells, body.source)


def whole_body(changes: list[dict[str, str]]) -> str:
    """A body with a record for each change."""
    return f'{{"records": [{", ".join(written([change]) for change in changes)}]}}'


@given(PLAIN_BODIES)
@example(whole_body([{"timestamp_utc": json.dumps(time)} for time in ODD_TIMES]))
@example(whole_body([{"value": value} for value in ODD_VALUES]))
@settings(FUZZ, max_examples=EXAMPLES or 40)
def test_what_the_short_way_takes_the_judge_takes_with_the_same_result(text: str) -> None:
    body = read_body(text.encode("utf-8", "surrogatepass"))
    plain = JUDGE.judge_plain(body, organization_id="acme", received_at=NOW)
    short, long = judged_body(body), judged_body(body, is_short=False)
    by_judge = {record.position: record for record in long.valid}
    too_long = {one.index for one in short.refused if "idempotency_key" in one.detail}
    for index, reading in enumerate(plain):
        assert reading is None or index in too_long or index in by_judge
    assert {record.position: record for record in short.valid} == by_judge
    assert short.refused == long.refused


@given(st.lists(st.builds(_damaged, BODIES, CHANGES), min_size=1, max_size=3))
@settings(FUZZ, max_examples=EXAMPLES or 40)
def test_the_pipeline_takes_what_the_gateway_said_it_took(contents: list[bytes]) -> None:
    ledger = KeyLedger({}, find=lambda _: None)
    lines, ingested, records = [], 0, 0
    for content in contents:
        body = read(content)
        if body is None:
            continue
        resolved = _resolve(
            Arrival(
                request_id="r",
                organization_id="acme",
                token_id="t",  # noqa: S106 - a name
                received_at=NOW,
                body=content.replace(b"\n", b" ").replace(b"\r", b" "),
                batch=judged_body(body),
            ),
            ledger,
        )
        answer = resolved.answer
        assert answer.ingested + answer.skipped_duplicate + answer.failed == body.records
        assert [one.index for one in answer.errors] == sorted({one.index for one in answer.errors})
        assert len(answer.errors) == answer.skipped_duplicate + answer.failed
        assert resolved.line.count(b"\n") == 1
        assert read_line(resolved.line).body.records == body.records
        lines.append(resolved.line)
        ingested += answer.ingested
        records += body.records
    if not lines:
        return
    verdict = judged(b"".join(lines), source=UploadSource.CEI_API, connection=SESSION.cursor())
    assert verdict.rows_read == records
    assert len(accepted(verdict, "line_number")) == verdict.rows_accepted == ingested
