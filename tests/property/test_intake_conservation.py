"""Whatever comes in: every row is accepted, rejected or an exact duplicate, and nothing raises."""

import gzip
import io
import random
import zipfile

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import READINGS, REJECTS
from cei_assets.contracts.vocabulary import RecordCode, UploadSource
from cei_assets.core.intake.csv_dialect import READING_TARGETS
from cei_assets.core.intake.csv_rows import CsvRows
from cei_assets.core.intake.files import judge_file
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, Verdict
from tests.intake_drops import HEADER, NOW, REGISTER, batch_line, in_memory, record, rows

SESSION = in_memory()
SMALL = Limits(max_unpacked_bytes=1 << 20, max_line_bytes=1 << 16)
CODES = {code.value for code in RecordCode}

CELLS = st.one_of(
    st.sampled_from(
        [
            "mill", "main", "quarter", "works", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z",
            "2026-10-25 02:00", "2026-03-29 02:30", "1", "2.5", "1e3", "-1", "nan", "1,5", "kWh",
            "MWh", "", " ", '"', '"a', 'a"b', "\u00e9",
        ]
    ),
    st.text(max_size=6),
)  # fmt: skip
GOOD_ROWS = st.builds(
    lambda meter, hour, value: f"mill,{meter},2026-01-01T{hour:02d}:00:00Z,{value},kWh",
    st.sampled_from(["main", "quarter"]),
    st.integers(0, 3),
    st.integers(0, 2),
)
ANY_ROWS = st.one_of(GOOD_ROWS, st.lists(CELLS, min_size=1, max_size=7).map(",".join))
SIDECARS = st.sampled_from(
    [
        None,
        '{"timezone": "Europe/Rome"}',
        '{"organization_id": "acme"}',
        "{}",
        "[",
        '{"timezone": 1}',
    ]
)


def _judge(data: bytes, source: UploadSource, sidecar: str | None = None) -> Verdict:
    verdict = judge_file(
        stream=io.BytesIO(data),
        sidecar=sidecar,
        connection=SESSION,
        register=REGISTER,
        receipt=ReceiptFacts(
            receipt_id="0" * 24,
            upload_source=source.value,
            received_at_utc=NOW,
            received_date=NOW.date(),
        ),
        limits=SMALL,
    )
    _check(verdict)
    return verdict


def _check(verdict: Verdict) -> None:
    """Counts, codes, schemas and line numbers of any verdict."""
    accounted = verdict.rows_accepted + verdict.rows_rejected + verdict.rows_exact_duplicate
    assert verdict.rows_read == accounted
    assert verdict.rejects.schema.equals(arrow_schema(REJECTS))
    assert set(verdict.rejects["code"].to_pylist()) <= CODES
    assert all(verdict.rejects["detail"].to_pylist())
    lines = verdict.rejects["line_number"].to_pylist()
    if verdict.readings is not None:
        table = verdict.readings.table()
        assert table.schema.equals(arrow_schema(READINGS))
        lines += table["line_number"].to_pylist()
        order = list(zip(*(table[name].to_pylist() for name in (
            "site_id", "meter_id", "interval_start_utc", "line_number")), strict=True))  # fmt: skip
        assert order == sorted(order)
    if verdict.temperatures is not None:
        lines += verdict.temperatures["line_number"].to_pylist()
    assert len(lines) == len(set(lines))


@given(st.lists(ANY_ROWS, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]), SIDECARS)
@settings(max_examples=80, deadline=None)
def test_every_row_of_a_csv_drop_is_accounted_for(
    lines: list[str], line_end: str, sidecar: str | None
) -> None:
    _judge(
        rows(*lines).replace("\n", line_end).encode("utf-8", "replace"),
        UploadSource.CSV_DROP,
        sidecar,
    )


@given(st.lists(GOOD_ROWS, min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_a_drop_twice_in_a_row_adds_exact_duplicates_only(lines: list[str]) -> None:
    once = _judge(rows(*lines).encode(), UploadSource.CSV_DROP)
    twice = _judge(rows(*lines, *lines).encode(), UploadSource.CSV_DROP)
    assert twice.rows_accepted == once.rows_accepted
    assert twice.rows_exact_duplicate == once.rows_accepted + 2 * once.rows_exact_duplicate
    assert twice.rows_rejected == 2 * once.rows_rejected


@given(st.lists(GOOD_ROWS, min_size=1, max_size=12), st.integers(20, 200))
@settings(max_examples=40, deadline=None)
def test_the_size_of_a_chunk_changes_nothing(lines: list[str], size: int) -> None:
    data = rows(*lines).encode()
    whole, parts = (
        [
            row
            for batch in CsvRows(
                io.BytesIO(data), targets=READING_TARGETS, limits=SMALL, chunk_bytes=chunk
            ).batches()
            for row in batch.rows.to_pylist()
        ]
        for chunk in (1 << 20, size)
    )
    assert parts == whole


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.text(max_size=5)
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
RECORDS = st.one_of(
    JSON,
    st.builds(
        lambda fields: record(**fields),
        st.dictionaries(
            st.sampled_from(
                ["site_id", "meter_id", "timestamp_utc", "value", "unit", "idempotency_key"]
            ),
            JSON,
            max_size=3,
        ),
    ),
)


@given(st.lists(st.lists(RECORDS, min_size=1, max_size=5), max_size=4), st.lists(JSON, max_size=2))
@settings(max_examples=80, deadline=None)
def test_every_record_of_an_api_file_is_accounted_for(
    batches: list[list[object]], others: list[object]
) -> None:
    lines = [batch_line(*records) for records in batches]
    lines += [orjson.dumps(other).decode() for other in others]
    verdict = _judge("\n".join(lines).encode() or b"\n", UploadSource.CEI_API)
    if lines:
        assert verdict.rows_read == sum(len(records) for records in batches) + len(others)


SEEDS = [
    rows("mill,main,2026-01-01T00:00:00Z,1.5,kWh", 'mill,"ma\nin",2026-01-01T01:00:00Z,"2",kWh'),
    rows("mill,main,2026-01-01T00:00:00Z,1.5,kWh").replace(",", ";").replace("1.5", "1,5"),
    "station_id,timestamp_utc,temperature_c\nLIML,2026-01-01T00:00:00Z,1.0\n",
    batch_line(record(), record(idempotency_key="k")) + "\n" + batch_line(record(value=2)) + "\n",
]


def _packed(seed: str) -> list[bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packing:
        packing.writestr("a.csv", seed)
    data = seed.encode()
    return [data, seed.encode("utf-16"), gzip.compress(data, mtime=0), archive.getvalue()]


def _damaged(data: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(damaged) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            damaged[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 4)))
        elif kind == 1:
            del damaged[at : at + chance.randint(1, 8)]
        elif kind == 2 and at < len(damaged):
            damaged[at] = (
                chance.choice(b'",;\t\r\n\0\xff"')
                if chance.random() < 0.5
                else chance.randrange(256)
            )
        else:
            damaged = damaged[:at] + damaged[max(0, at - 20) :]
    return bytes(damaged)


@pytest.mark.parametrize(
    "source", [UploadSource.CSV_DROP, UploadSource.CEI_API, UploadSource.TEMPERATURE]
)
@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_damaged_bytes_get_a_verdict_and_never_an_exception(
    source: UploadSource, seed: int
) -> None:
    chance = random.Random(f"{source}{seed}")  # noqa: S311 - damage, no secret
    for data in _packed(SEEDS[seed]):
        for _ in range(12):
            _judge(
                _damaged(data, chance), source, chance.choice([None, '{"timezone": "Europe/Rome"}'])
            )


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_after_a_header_get_a_verdict(noise: bytes) -> None:
    _judge(HEADER.encode() + noise, UploadSource.CSV_DROP)
