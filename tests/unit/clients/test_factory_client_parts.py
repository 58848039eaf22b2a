"""The factory's client, part by part: reading, keys, batches, answers, waits."""

import ast
import csv
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from email.message import Message
from email.utils import format_datetime
from http.client import HTTPException
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients import factory_client as client

SOURCE = Path(client.__file__)
HEADER = ["site_id", "meter_id", "timestamp_utc", "value", "unit"]
NOON = "2026-01-31T12:00:00Z"


def readings(
    content: str | bytes, defaults: client.Defaults | None = None
) -> list[client.Record | client.Failure]:
    data = content.encode() if isinstance(content, str) else content
    stream = io.BytesIO(data)
    return list(client.CsvReadings(stream, name="x.csv", defaults=defaults or client.Defaults()))


def sent(item: client.Record | client.Failure) -> dict[str, object]:
    """A record as a server reads it, numbers by their text."""
    assert isinstance(item, client.Record), item
    fields: dict[str, object] = json.loads(item.text, parse_float=Decimal, parse_int=Decimal)
    return fields


def test_it_is_written_in_the_grammar_of_python_3_9_and_needs_the_standard_library_only() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 9))
    names = {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    names |= {n.module or "." for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_it_uses_nothing_that_came_after_python_3_9() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    later = {"kw_only", "slots", "strict"}
    keywords = {
        (call.func.id, keyword.arg)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        for keyword in call.keywords
        if call.func.id in ("dataclass", "zip") and keyword.arg in later
    }
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert not keywords
    assert not imported & {"UTC", "StrEnum", "Self", "TypeAlias", "ParamSpec", "override"}


cells = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
energies = st.decimals(min_value=0, max_value=10**6, allow_nan=False, places=9).map(str)
moments = st.datetimes(
    min_value=datetime.fromisoformat("1990-01-01"), max_value=datetime.fromisoformat("2090-01-01")
).map(lambda moment: moment.replace(microsecond=0).isoformat() + "Z")
rows = st.lists(st.tuples(cells, cells, moments, energies, st.just("kWh")), max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    rows=rows,
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_every_row_of_any_dialect_goes_out_as_it_stands(
    rows: list[tuple[str, ...]], delimiter: str, encoding: str, end: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerows([HEADER, *rows])
    found = [sent(item) for item in readings(text.getvalue().encode(encoding))]
    expected = [{**dict(zip(HEADER, row, strict=True)), "value": Decimal(row[3])} for row in rows]
    keys = [record.pop("idempotency_key") for record in found]
    assert found == expected
    assert len(set(keys)) == len({(*row[:3], Decimal(row[3])) for row in rows})


@settings(deadline=None)
@given(st.from_regex(r"[+-]?([0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})", fullmatch=True))
def test_a_number_goes_out_digit_by_digit(text: str) -> None:
    (record,) = readings(f"site,meter,ts,kwh\nmill,main,{NOON},{text}\n")
    value = sent(record)["value"]
    assert isinstance(value, Decimal)
    assert value.as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize(
    "text", ["", "n/a", "NaN", "inf", "1_000", "\u0661", "1e999", "9" * 101, "1 2", "0x1f", "true"]
)
def test_what_is_no_number_goes_out_as_text_and_is_left_to_the_server_to_refuse(text: str) -> None:
    (record,) = readings(f"site,meter,ts,kwh\nmill,main,{NOON},{text}\n")
    assert sent(record)["value"] == (text or None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1,5", "2", "2,25"], ["1.5", "2", "2.25"]),
        (["2", "1.5", "2,25"], ["2", "1.5", None]),
        (["1,5", "1.234"], ["1.5", None]),
        (["1,5", "1.234,5"], ["1.5", None]),
        (["1,5", "1,234,567"], ["1.5", None]),
    ],
    ids=["comma", "point first", "mixed", "thousands", "two commas"],
)
def test_the_first_decimal_mark_of_a_semicolon_file_holds_for_all_of_it(
    values: list[str], expected: list[str | None]
) -> None:
    lines = [f"mill;main;{NOON};{value}" for value in values]
    found = readings("\n".join(["site;meter;ts;kwh", *lines]))
    for item, value, number in zip(found, values, expected, strict=True):
        assert sent(item)["value"] == (value if number is None else Decimal(number))


@pytest.mark.parametrize("row", ["mill,main", f"mill,main,{NOON},1,5", f"mill,main,{NOON}"])
def test_a_row_that_does_not_fit_the_header_is_never_sent(row: str) -> None:
    good = f"mill,main,{NOON},1"
    first, bad, last = readings(f"site,meter,ts,kwh\n{good}\n\n{row}\n{good}\n")
    assert isinstance(bad, client.Failure)
    assert (bad.code, bad.row) == ("MALFORMED_ROW", row)
    assert "line 4" in bad.detail
    assert first == last


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("", "lacks site_id, meter_id, timestamp_utc, value; found nothing"),
        ("site,meter,ts,register", "lacks value; found 'site', 'meter', 'ts', 'register'"),
        ("site,meter,ts,time,kwh", "columns 'ts' and 'time' both mean timestamp_utc"),
        ("site,meter,date,time,kwh", "join them into one column"),
    ],
    ids=["empty", "no value", "two names", "date and time"],
)
def test_a_header_that_cannot_be_used_says_why(header: str, words: str) -> None:
    with pytest.raises(client.StopError, match=words):
        readings(header + "\n1,2,3,4\n")


def test_site_and_meter_can_come_from_flags_but_not_from_two_places() -> None:
    flags = client.Defaults(site_id="mill", meter_id="main", unit="kWh", utc_offset="+01:00")
    (record,) = readings("ts,kwh\n2026-01-31 13:00,1\n", flags)
    fields = sent(record)
    assert fields.pop("idempotency_key")
    assert fields == {
        "site_id": "mill",
        "meter_id": "main",
        "timestamp_utc": "2026-01-31 13:00+01:00",
        "value": 1,
        "unit": "kWh",
    }
    with pytest.raises(client.StopError, match="leave --meter-id out"):
        readings("ts,kwh,meter\n", flags)


def test_an_open_quote_stops_with_its_place() -> None:
    with pytest.raises(client.StopError, match=r"x\.csv, after line 2: not readable as CSV"):
        readings(f'site,meter,ts,kwh\nmill,main,{NOON},1\nmill,"main,{NOON},1\n')


def test_windows_1252_is_read_with_a_warning() -> None:
    content = f"site,meter,ts,kwh\nMühle,main,{NOON},1\n".encode("cp1252")
    source = client.CsvReadings(io.BytesIO(content), name="x.csv", defaults=client.Defaults())
    (record,) = source
    assert sent(record)["site_id"] == "Mühle"
    assert source.warnings == ["x.csv: not UTF-8, read as Windows-1252"]


def key(timestamp: str = NOON, value: str = "1.5", site: str = "mill", revision: str = "") -> str:
    return client.make_record(
        site_id=site,
        meter_id="main",
        timestamp=timestamp,
        value=value,
        number=client.number_of(value),
        unit="kWh",
        revision=revision,
    ).key


@pytest.mark.parametrize(
    ("timestamp", "value"),
    [
        ("2026-01-31 12:00Z", "1.50"),
        ("2026-01-31T13:00:00+01:00", "+1.5"),
        ("2026-01-31T12:00:00.000z", "15e-1"),
        ("2026-01-31T06:30:00-0530", "001.5"),
    ],
)
def test_one_reading_has_one_key_however_it_is_written(timestamp: str, value: str) -> None:
    assert key(timestamp, value) == key()


def test_another_reading_value_or_revision_has_another_key() -> None:
    keys = [
        key(),
        key(value="1.500000001"),
        key(value="15"),
        key(value="x"),
        key(timestamp="2026-01-31T12:15:00Z"),
        key(timestamp="2026-01-31T12:00:00"),
        key(site="mil"),
        key(revision="again"),
    ]
    assert len(set(keys)) == len(keys)


def test_keys_stay_as_they_are_from_version_to_version() -> None:
    assert key() == "fc1-3856f697d1fb1c84e55b72013c3f7e92e7d8bf8f"


@settings(max_examples=30, deadline=None)
@given(rows=rows, size=st.integers(min_value=1, max_value=7))
def test_batches_hold_every_reading_once_and_in_order(
    rows: list[tuple[str, ...]], size: int
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    content = text.getvalue()
    records = [item.text for item in readings(content) if isinstance(item, client.Record)]
    with tempfile.TemporaryDirectory() as folder:
        spool = client.Spool(Path(folder))
        run = client.Run(spool, say=lambda _text: None, complain=lambda _text: None)
        with spool.held(patience=1):
            for _ in range(2):
                source = client.CsvReadings(
                    io.BytesIO(content.encode()), name="x", defaults=client.Defaults()
                )
                run.take(source, source="line1", batch_size=size)
            batches = [spool.load(name) for name in spool.names()]
    assert [record for batch in batches for record in batch.records] == records
    assert all(len(batch.records) == size for batch in batches[:-1])
    for batch in batches:
        body = json.loads(batch.body, parse_float=str, parse_int=str)
        one_by_one = [json.loads(r, parse_float=str, parse_int=str) for r in batch.records]
        assert body == {"source": "line1", "records": one_by_one}


BATCH = client.Batch(name="b", source="s", records=('{"n":0}', '{"n":1}', '{"n":2}'))


def answer(ingested: object, skipped: object, failed: object, *errors: tuple[object, str]) -> str:
    named = [{"index": index, "code": code, "detail": "why"} for index, code in errors]
    counts = {"ingested": ingested, "skipped_duplicate": skipped, "failed": failed}
    return json.dumps({**counts, "errors": named})


DUPLICATE = "DUPLICATE_IDEMPOTENCY_KEY"


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        (answer(3, 0, 0), []),
        (answer(2, 1, 0, (1, DUPLICATE)), []),
        (answer(1, 1, 1, (1, DUPLICATE), (2, "INVALID_VALUE")), ['{"n":2}']),
        (answer(2, 0, 1, (0, DUPLICATE)), ['{"n":0}']),
        (answer(1, 1, 1, (0, DUPLICATE), (2, DUPLICATE)), ['{"n":0}', '{"n":2}']),
        (answer(0, 3, 0), []),
    ],
    ids=["all in", "skipped", "one bad", "conflict", "skipped or conflict", "unnamed skips"],
)
def test_failed_records_are_those_that_the_answer_names(text: str, failed: list[str]) -> None:
    assert [f.record for f in client.read_answer(text, BATCH).failures] == failed


@pytest.mark.parametrize(
    "text",
    [
        answer(2, 0, 0),
        answer(3, 1, 0, (0, DUPLICATE)),
        answer(4, 0, -1),
        answer(3.0, 0, 0),
        answer(True, 2, 0),
        answer(2, 0, 1),
        answer(2, 0, 1, (3, "INVALID_VALUE")),
        answer(2, 0, 1, (-1, "INVALID_VALUE")),
        answer(3, 0, 0, (0, "INVALID_VALUE")),
        answer(1, 0, 2, (0, "INVALID_VALUE"), (0, "INVALID_VALUE")),
        '{"ingested":3}',
        '{"ingested":3,"skipped_duplicate":0,"failed":0}',
        "[3,0,0]",
        "null",
        "<html>",
        "",
        "[" * 100_000,
        '{"ingested":3,"skipped_duplicate":0,"failed":0,"errors":["x"]}',
    ],
    ids=range(18),
)
def test_an_answer_that_does_not_add_up_is_not_believed(text: str) -> None:
    with pytest.raises(client.UNBELIEVABLE):
        client.read_answer(text, BATCH)


NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def headers(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return message


def http_date(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": " 0 "}, 0),
        ({"Retry_After": http_date(90)}, 90),
        ({"Retry_After": http_date(-90)}, 0),
        ({"Retry_After": http_date(3690), "Date": http_date(3600)}, 90),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-5"}, None),
        ({}, None),
    ],
    ids=["seconds", "zero", "date", "past", "own clock wrong", "words", "negative", "none"],
)
def test_retry_after_is_read_in_both_forms(fields: dict[str, str], seconds: float | None) -> None:
    assert client.retry_after(headers(**fields), now=NOW) == seconds


def sender(
    patience: client.Patience, slept: list[float], jitter: Callable[[float, float], float]
) -> client.Sender:
    return client.Sender(
        client.Endpoint(url="http://127.0.0.1:9/x", token="cei_int_secret"),  # noqa: S106 - none
        patience=patience,
        sleep=slept.append,
        jitter=jitter,
        now=lambda: NOW,
        say=lambda _text: None,
    )


def test_waits_double_up_to_the_longest_and_end_with_the_last_try() -> None:
    slept: list[float] = []
    patient = sender(
        client.Patience(max_tries=6, first_wait=1, max_wait=5), slept, lambda _low, high: high
    )
    problem = client.TryAgainError("500")
    for tries in range(1, 6):
        patient.pause(tries, problem)
    assert slept == [1, 2, 4, 5, 5]
    with pytest.raises(client.UnreachableError, match="gave up after 6 tries: 500"):
        patient.pause(6, problem)


def test_jitter_is_full_and_comes_on_top_of_what_the_server_asks() -> None:
    slept: list[float] = []
    asked: list[tuple[float, float]] = []

    def jitter(low: float, high: float) -> float:
        asked.append((low, high))
        return high / 2

    patient = sender(client.Patience(max_tries=6, first_wait=1, max_wait=60), slept, jitter)
    patient.pause(3, client.TryAgainError("500"))
    patient.pause(3, client.TryAgainError("429", retry_after=30))
    assert asked == [(0, 4), (0, 4)]
    assert slept == [2, 32]
    with pytest.raises(client.UnreachableError, match="asks to wait 61 s"):
        patient.pause(1, client.TryAgainError("429", retry_after=61))


class Dripping:
    """An answer that comes a byte at a time and never ends."""

    def read1(self, _size: int) -> bytes:
        return b" "


def test_an_answer_without_end_is_given_up_by_time_and_by_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(TimeoutError, match="does not end"):
        client._read_text(Dripping(), deadline=time.monotonic() - 1)
    monkeypatch.setattr(client, "MAX_ANSWER_BYTES", 1000)
    with pytest.raises(HTTPException, match="too long"):
        client._read_text(Dripping(), deadline=time.monotonic() + 60)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://cei.example.org", "https://cei.example.org/api/v1/timeseries/batch"),
        (
            "https://cei.example.org:8443/cei/",
            "https://cei.example.org:8443/cei" + client.BATCH_PATH,
        ),
        ("https://h" + client.BATCH_PATH, "https://h" + client.BATCH_PATH),
        ("http://localhost:8000", "http://localhost:8000" + client.BATCH_PATH),
        ("http://127.8.9.1", "http://127.8.9.1" + client.BATCH_PATH),
        ("http://[::1]:80", "http://[::1]:80" + client.BATCH_PATH),
    ],
)
def test_the_address_is_the_base_and_the_path_once(base: str, url: str) -> None:
    assert client.batch_url(base, allow_http=False) == url


@pytest.mark.parametrize(
    "base",
    [
        "cei.example.org",
        "ftp://cei.example.org",
        "https://",
        "https://user:pass@host",
        "https://host?token=x",
        "https://host:port",
        "https://[::1",
        "https://ho st",
        "https://host\r\nX: y",
        "https://" + "a" * 70,
        "http://cei.example.org",
        "http://192.168.0.7:8000",
        "http://localhost.example.org",
    ],
)
def test_an_unfit_or_unsafe_address_is_refused(base: str) -> None:
    with pytest.raises(client.StopError, match="--url"):
        client.batch_url(base, allow_http=False)


def test_plain_http_elsewhere_needs_to_be_allowed() -> None:
    assert client.batch_url("http://10.0.0.7", allow_http=True).startswith("http://10.0.0.7/")


def test_a_moment_is_read_alike_by_every_python() -> None:
    read = client.moment_of
    assert read("2026-01-31T12:00:00.25+05:30") == datetime(
        2026, 1, 31, 12, 0, 0, 250_000, timezone(timedelta(hours=5.5))
    )
    for text in (
        "2026-01-31",
        "20260131T120000Z",
        "2026-01-31T12Z",
        "2026-02-30T12:00Z",
        NOON[:-1],
    ):
        assert read(text) is None


def test_the_token_is_not_shown_even_when_a_server_repeats_it() -> None:
    quiet = sender(client.Patience(), [], lambda _low, high: high)
    assert quiet.shown("no\x1b[2J token cei_int_secret\n") == "no [2J token [token]"
    assert "cei_int_secret" not in repr(client.Endpoint(url="x", token="cei_int_secret"))  # noqa: S106


def test_a_damaged_batch_is_not_guessed_at(tmp_path: Path) -> None:
    spool = client.Spool(tmp_path)
    with spool.held(patience=1):
        name = spool.add(['{"n":1}'], source="s")
        (spool.queue / f"{name}.jsonl").write_text('{"source":"s"}\n{"n":')
        with pytest.raises(client.StopError, match="is damaged"):
            spool.load(name)


def test_failures_are_stored_once_and_go_back_digit_by_digit(tmp_path: Path) -> None:
    record = '{"value":1.50,"site_id":"a \\",\\"record\\":b","idempotency_key":"k"}'
    refused = client.Failure(code="X", detail='"a","record":b', record=record)
    malformed = client.Failure(code="MALFORMED_ROW", detail="d", row="a;b")
    for _ in range(2):
        spool = client.Spool(tmp_path)
        with spool.held(patience=1):
            spool.keep_failed([refused, malformed, refused])
            spool.keep_failed([replace(malformed, detail="on another line")])
    assert list(spool.failed_lines()) == [refused.line, malformed.line]
    with spool.held(patience=1):
        assert spool.requeue_failed(source="s", batch_size=10) == 1
        assert [spool.load(name).records for name in spool.names()] == [(record,)]
    assert list(spool.failed_lines()) == [malformed.line]
