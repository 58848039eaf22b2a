"""Damaged CSV drops: whatever the bytes, there is a verdict, and every row is in it once.

A few hundred inputs in an ordinary run. More with, for example,

    CEI_FUZZ_EXAMPLES=20000 python -m pytest tests/property/test_intake_fuzz.py

which also draws anew each time; what fails is printed, and kept in hypothesis' example database.
"""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from contextlib import suppress

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cei_assets.contracts.vocabulary import RecordCode, UploadSource
from cei_assets.core.intake.csv_dialect import READING_TARGETS
from cei_assets.core.intake.csv_rows import CsvRows
from cei_assets.core.intake.files import judge_file
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, UnusableFileError, Verdict
from tests.intake_drops import HEADER, NOW, REGISTER, in_memory

EXAMPLES = int(os.environ.get("CEI_FUZZ_EXAMPLES", "0"))
FUZZ = settings(
    max_examples=EXAMPLES or 80,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
LIMITS = Limits(max_unpacked_bytes=1 << 20, max_line_bytes=1 << 14)
SESSION = in_memory()
CODES = {code.value for code in RecordCode}

HOURS = [f"2026-01-01T{hour:02d}:00:00" for hour in range(24)]
PLAIN = HEADER + "".join(f"mill,main,{hour}Z,{n}.5,kWh\n" for n, hour in enumerate(HOURS))
QUOTED = "site_id,meter_id,timestamp_utc,value,note\n" + "".join(
    f'"mill","main",{hour}Z,"{n}","one\ntwo ""three"", {n}"\n' for n, hour in enumerate(HOURS)
)
GERMAN = "Standort;Site;Meter;Zeit;TS;kWh\n" + "".join(
    f"M\u00fcnchen;mill;ending;;{hour.replace('T', ' ')};{n},25\n" for n, hour in enumerate(HOURS)
)
AUTUMN = "meter\tsite\tts\tvalue\tidempotency_key\n" + "".join(
    f"quarter\tmill\t2026-10-25 {hour:02d}:{minute:02d}\t{hour}\tk{fold}{hour}{minute}\n"
    for hour, fold in ((1, 0), (2, 0), (2, 1), (3, 0))
    for minute in (0, 15, 30, 45)
)
WIDE = "timestamp,main,quarter\n" + "".join(f"{hour}Z,1,2\n" for hour in HOURS)
SEEDS = [PLAIN, QUOTED, GERMAN, AUTUMN, WIDE, HEADER, ""]

ENCODINGS = ["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"]
HOSTILE = st.one_of(
    st.sampled_from(
        [
            '"', '""', '"""', '",', '"\n', "\n", "\r", "\r\n", "\n\n", ",", ";", "\t", "\0",
            "\0" * 40, " ", "\u00a0", "\u2028", "\u0085", "\x0b", "\x1c", "\ufeff", "\ud800",
            "\U0001f9ed", "'", "\\",
            "1e-10000000", "1e99999999999", "-0", "+.5", ".", "NaN", "-inf", "0x1p3", "1_000",
            "9" * 400, "0." + "0" * 400 + "1", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z",
            "2026-02-30T00:00:00Z", "1970-01-01T00:00:00+15:59", "2026-10-25 02:00", "x" * 20_000,
            "mill,main", "mill,works,2026-01-01T00:00:00Z,1,kWh\n", HEADER, "=cmd|' /C calc'!A0",
        ]
    ),
    st.text(max_size=12),
    st.characters(),
)  # fmt: skip
Change = tuple[str, float, float, str]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "replace", "repeat", "truncate", "swap"]),
        st.floats(0, 1),
        st.floats(0, 1),
        HOSTILE,
    ),
    max_size=8,
)
BYTE_CHANGES = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 6), st.binary(max_size=6)), max_size=4
)
SIDECARS = st.sampled_from(
    [None, '{"timezone": "Europe/Rome"}', '{"timezone": "Australia/Lord_Howe"}', "{", "[]"]
)


def _zipped(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packing:
        packing.writestr(zipfile.ZipInfo("a.csv"), data)
    return archive.getvalue()


PACKINGS: list[Callable[[bytes], bytes]] = [
    bytes,
    bytes,
    bytes,
    lambda data: gzip.compress(data, mtime=0),
    _zipped,
    lambda data: gzip.compress(data, mtime=0) + data,
    lambda data: _zipped(data)[4:],
]


def _changed(text: str, changes: list[Change]) -> str:
    """The text with pieces put in, taken out, doubled, cut off or moved."""
    for kind, one, other, piece in changes:
        first, last = sorted((int(one * len(text)), int(other * len(text))))
        near = min(last, first + 30)
        if kind == "insert":
            text = text[:first] + piece + text[first:]
        elif kind == "replace":
            text = text[:first] + piece + text[first + len(piece) :]
        elif kind == "delete":
            text = text[:first] + text[near:]
        elif kind == "repeat":
            text = text[:last] + text[first:last]
        elif kind == "truncate":
            text = text[: max(last, 1)]
        else:
            text = text[:first] + text[near : near + 20] + text[first:near] + text[near + 20 :]
    return text[:60_000]


def _damaged(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, removed, added in changes:
        at = int(place * len(data))
        data = data[:at] + added + data[at + removed :]
    return data


DROPS = st.builds(
    lambda seed, changes, encoding, packing, byte_changes: _damaged(
        packing(_changed(seed, changes).encode(encoding, "replace")), byte_changes
    ),
    st.sampled_from(SEEDS),
    CHANGES,
    st.sampled_from(ENCODINGS),
    st.sampled_from(PACKINGS),
    BYTE_CHANGES,
)


def _judged(data: bytes, sidecar: str | None, source: UploadSource) -> Verdict:
    return judge_file(
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
        limits=LIMITS,
    )


def _is_accounted_for(verdict: Verdict) -> bool:
    """Whether the counts add up and no line stands twice."""
    lines = verdict.rejects["line_number"].to_pylist()
    for table in (verdict.readings and verdict.readings.table(), verdict.temperatures):
        if table is not None:
            lines += table["line_number"].to_pylist()
    kept = verdict.rows_accepted + verdict.rows_rejected
    return (
        verdict.rows_read == kept + verdict.rows_exact_duplicate
        and len(lines) == len(set(lines)) == kept
        and set(verdict.rejects["code"].to_pylist()) <= CODES
        and all(verdict.rejects["detail"].to_pylist())
    )


@given(DROPS, SIDECARS, st.sampled_from([UploadSource.CSV_DROP, UploadSource.TEMPERATURE]))
@FUZZ
def test_any_damaged_drop_gets_a_verdict_that_counts_every_row(
    data: bytes, sidecar: str | None, source: UploadSource
) -> None:
    verdict = _judged(data, sidecar, source)
    assert _is_accounted_for(verdict)


@given(st.sampled_from([PLAIN, GERMAN, AUTUMN]), CHANGES, SIDECARS)
@example(PLAIN, [("insert", 0.5, 0.5, "\n\x1c\n")], None)
@FUZZ
def test_without_quotes_every_line_that_is_not_blank_is_a_row(
    seed: str, changes: list[Change], sidecar: str | None
) -> None:
    header, _, body = seed.partition("\n")
    body = _changed(body, changes).replace('"', "'").encode("utf-8", "replace").decode()
    verdict = _judged(f"{header}\n{body}".encode(), sidecar, UploadSource.CSV_DROP)
    if [row["code"] for row in verdict.rejects.to_pylist()] == ["MALFORMED_FILE"]:
        return
    assert _is_accounted_for(verdict)
    physical = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert verdict.rows_read == sum(bool(line.strip()) for line in physical)


@given(DROPS, st.integers(40, 4000))
@FUZZ
def test_reading_in_chunks_raises_nothing_but_that_the_file_is_unusable(
    data: bytes, chunk_bytes: int
) -> None:
    rows = CsvRows(
        io.BytesIO(data), targets=READING_TARGETS, limits=LIMITS, chunk_bytes=chunk_bytes
    )
    last = 1
    with suppress(UnusableFileError):
        for batch in rows.batches():
            lines = [
                *batch.rows["line_number"].to_pylist(),
                *batch.malformed["line_number"].to_pylist(),
            ]
            assert len(lines) == len(set(lines))
            assert min(lines, default=last + 1) > last
            last = max(lines, default=last)
