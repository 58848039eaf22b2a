#!/usr/bin/env python3
"""Sends a factory's meter readings to the platform's batch API and loses none of them.

One file, standard library only, Python 3.9 or newer (no match statement, no 3.10 syntax or
calls): copy it to a machine beside the meters and let cron or Task Scheduler run it. It stays one
file, longer than our modules are, because that is how it is installed.

What it promises: every batch is on disk before it is sent and is deleted only after the server
has confirmed it. Each record carries a key made from its content, so whatever is sent twice counts
once. Hence the program can be killed and started again at any moment.
"""

from __future__ import annotations

import argparse
import codecs
import csv
import hashlib
import http.client
import io
import ipaddress
import json
import os
import re
import secrets
import shlex
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Context, Decimal, InvalidOperation
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

VERSION = "1.0"
BATCH_PATH = "/api/v1/timeseries/batch"
MAX_BATCH = 500
MAX_ANSWER_BYTES = 4 << 20
DUPLICATE = "DUPLICATE_IDEMPOTENCY_KEY"
INTERNAL = "INTERNAL_ERROR"

ALL_IN, SOME_FAILED, STOPPED, WAITING = 0, 1, 2, 3

HELP = """\
exit codes
  0  everything is in (duplicates count as in)
  1  some records failed: printed, and kept in SPOOL/failed/*.jsonl
  2  usage or configuration: a person has to act; what was spooled stays spooled
  3  server unreachable, or another run holds the spool: nothing is lost, the next run goes on

examples
  one record, to see that it works (Linux; on Windows: set CEI_TOKEN=cei_int_...):
    export CEI_TOKEN=cei_int_...
    factory_client.py --url https://cei.example.org --test \\
        --site-id mill --meter-id main --value 12.5

  look at what would be sent, then send:
    factory_client.py readings.csv --dry-run
    factory_client.py readings.csv --url https://cei.example.org \\
        --token-file token.txt --spool spool

  a command that prints CSV (no shell; for pipes: --command "sh -c 'a | b'"):
    factory_client.py --command "historian-export --last 48h" --site-id mill --url ... --spool ...

  cron, seven minutes past every hour (crontab -e; one line):
    7 * * * * /usr/bin/python3 /opt/cei/factory_client.py /var/scada/last_48h.csv --quiet
        --url https://cei.example.org --token-file /opt/cei/token --spool /var/lib/cei-spool

  Windows Task Scheduler, every hour (cmd.exe; one line):
    schtasks /Create /TN "CEI readings" /SC HOURLY /ST 00:07 /TR
        "C:\\Python39\\python.exe C:\\cei\\factory_client.py C:\\scada\\last_48h.csv --quiet
        --url https://cei.example.org --token-file C:\\cei\\token.txt --spool C:\\cei\\spool"

Send an overlapping window (the last 48 hours, say) each time: what is already in counts as a
duplicate, what has changed becomes a revision, and gaps of the past close by themselves.
"""


class StopError(Exception):
    """A person has to act; the text says what to do. Exit code 2."""


class UnreachableError(Exception):
    """Nothing believable came back in time; what is spooled waits for the next run. Exit code 3."""


class TooLargeError(Exception):
    """The server refused the size of a body (413)."""


class TryAgainError(Exception):
    """One try went wrong in a way that another may not.

    `retry_after` is the server's wish in seconds, if it gave one.
    """

    def __init__(self, problem: str, *, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


# Readings: from CSV text to the JSON text of records


@dataclass(frozen=True)
class Record:
    """One reading: its JSON text as sent, its key, and what a summary shows of it.

    `moment` is in UTC, None when the timestamp is not one the server will take.
    """

    text: str
    key: str
    site_id: str
    meter_id: str
    moment: datetime | None


@dataclass(frozen=True)
class Failure:
    """What did not get in: `record` is a record's JSON text, `row` a CSV row that is no record."""

    code: str
    detail: str
    record: str | None = None
    row: str | None = None

    @property
    def line(self) -> str:
        """The failure as one line of JSON; digits of values stay as they were."""
        parts = [f'"code":{json.dumps(self.code)}', f'"detail":{json.dumps(self.detail)}']
        if self.record is not None:
            parts.append(f'"record":{self.record}')
        if self.row is not None:
            parts.append(f'"row":{json.dumps(self.row)}')
        return "{" + ",".join(parts) + "}"


@dataclass(frozen=True)
class Defaults:
    """What the command line says about every record of an input."""

    site_id: str | None = None
    meter_id: str | None = None
    unit: str | None = None
    utc_offset: str = ""
    revision: str = ""


ALIASES: Mapping[str, tuple[str, ...]] = {
    "site_id": ("site_id", "site"),
    "meter_id": ("meter_id", "meter"),
    "timestamp_utc": (
        "timestamp_utc", "timestamp", "ts", "datetime", "date_time", "time", "utc_time",
    ),
    "value": ("value", "kwh", "energy_kwh", "consumption_kwh"),
    "unit": ("unit",),
}  # fmt: skip
_TARGETS = {name: target for target, names in ALIASES.items() for name in names}
_DELIMITERS = ",;\t"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,6})?\s?(Z|z|[+-]\d\d:?\d\d)?", re.ASCII
)
_OFFSET = re.compile(r"Z|[+-]\d\d:\d\d", re.ASCII)


def number_of(text: str) -> Decimal | None:
    """The exact number that a cell holds, None when it holds none that JSON can carry safely.

    A number beyond the range of a server's floating point could make it refuse the whole batch;
    as text it fails alone.
    """
    if not _NUMBER.fullmatch(text) or len(text) > 100:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if not number or abs(number.adjusted()) < 300 else None


def moment_of(text: str) -> datetime | None:
    """The instant in UTC that an ISO 8601 text with an offset names, else None.

    By an own pattern, since what `fromisoformat` accepts differs between versions of Python and
    the key of a record must not.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None or match[5] is None:
        return None
    day, minute, second, fraction, offset = match.groups()
    offset = "+00:00" if offset in "Zz" else f"{offset[:3]}:{offset[-2:]}"
    whole = f"{day}T{minute}{second or ':00'}.{(fraction or '.')[1:]:0<6}{offset}"
    try:
        return datetime.fromisoformat(whole).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def record_key(
    *,
    site_id: str,
    meter_id: str,
    timestamp: str,
    moment: datetime | None,
    value: str,
    number: Decimal | None,
    revision: str,
) -> str:
    """The record's idempotency key: the same reading has the same key however it is written.

    12:00Z and 13:00+01:00, 1.5 and 1.50 are the same. Another value is another key, which makes
    it a correction. `revision` makes a key new on purpose.
    """
    if number is not None:
        number = number.normalize(Context(prec=max(1, len(number.as_tuple().digits))))
    parts = [
        site_id,
        meter_id,
        timestamp if moment is None else moment.isoformat(),
        value if number is None else str(number),
        revision,
    ]
    return "fc1-" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def make_record(
    *,
    site_id: str,
    meter_id: str,
    timestamp: str,
    value: str,
    number: Decimal | None,
    unit: str,
    revision: str,
) -> Record:
    """One record; the number that `value` holds goes out digit by digit, never through a float.

    Where it holds none, it goes out as text, or as null when blank: the server refuses it with a
    code, and the refusal is counted and kept.
    """
    moment = moment_of(timestamp)
    key = record_key(
        site_id=site_id,
        meter_id=meter_id,
        timestamp=timestamp,
        moment=moment,
        value=value,
        number=number,
        revision=revision,
    )
    fields = {
        "site_id": json.dumps(site_id),
        "meter_id": json.dumps(meter_id),
        "timestamp_utc": json.dumps(timestamp),
        "value": str(number) if number is not None else json.dumps(value or None),
    }
    if unit:
        fields["unit"] = json.dumps(unit)
    fields["idempotency_key"] = json.dumps(key)
    text = "{" + ",".join(f'"{name}":{cell}' for name, cell in fields.items()) + "}"
    return Record(text=text, key=key, site_id=site_id, meter_id=meter_id, moment=moment)


class CsvReadings:
    """The readings of one CSV input.

    Delimiter comma, semicolon or tab; UTF-8, UTF-16 with BOM, else Windows-1252. Iterating gives
    a Record per row, or a Failure for a row whose cells do not fit the header, which is never sent
    because its values may stand in wrong columns. Raises StopError when the input is unusable.
    """

    def __init__(self, stream: BinaryIO, *, name: str, defaults: Defaults) -> None:
        self.name = name
        self._defaults = defaults
        self._encoding = _encoding_of(stream)
        self.warnings: list[str] = []
        if self._encoding == "cp1252":
            self.warnings.append(f"{name}: not UTF-8, read as Windows-1252")
        self._lines = io.TextIOWrapper(stream, encoding=self._encoding, newline="")
        self._decimal_mark: str | None = None

    def __iter__(self) -> Iterator[Record | Failure]:
        line = 1
        try:
            header = self._lines.readline()
            self._delimiter = max(_DELIMITERS, key=lambda sign: _promise(header, sign))
            names = _cells(header, self._delimiter)
            columns = _columns(names, where=self.name, defaults=self._defaults)
            rows = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
            for cells in rows:
                line = rows.line_num + 1
                if any(cell.strip() for cell in cells):
                    yield self._judged(cells, columns, len(names), line)
        except csv.Error as error:
            where = f"{self.name}, after line {line}"
            raise StopError(f"{where}: not readable as CSV ({error}); mend the file") from error
        except UnicodeError as error:
            raise StopError(f"{self.name}: not text in {self._encoding} ({error})") from error

    def _judged(
        self, cells: list[str], columns: Mapping[str, int], width: int, line: int
    ) -> Record | Failure:
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            return Failure(
                code="MALFORMED_ROW",
                detail=f"{self.name}, line {line}: {len(cells)} cells, the header has {width}; "
                "quote cells that hold the delimiter",
                row=self._delimiter.join(cells),
            )
        found = {target: cells[at].strip() for target, at in columns.items()}
        return make_record(
            site_id=found.get("site_id", self._defaults.site_id or ""),
            meter_id=found.get("meter_id", self._defaults.meter_id or ""),
            timestamp=self._timestamp(found["timestamp_utc"]),
            value=found["value"],
            number=self._number(found["value"]),
            unit=found.get("unit", "") or self._defaults.unit or "",
            revision=self._defaults.revision,
        )

    def _timestamp(self, text: str) -> str:
        match = _TIMESTAMP.fullmatch(text)
        has_no_offset = match is not None and match[5] is None
        return text + self._defaults.utc_offset if has_no_offset else text

    def _number(self, text: str) -> Decimal | None:
        """The number in a cell. The first decimal mark met in a file holds for all of it.

        So 1.234 in a file with decimal commas, where it may mean a thousand, is not taken for a
        number: it is sent as text, and refused.
        """
        if self._delimiter == ",":
            return number_of(text)
        if self._decimal_mark is None:
            self._decimal_mark = "," if "," in text else "." if "." in text else None
        if self._decimal_mark != ",":
            return number_of(text)
        return None if "." in text else number_of(text.replace(",", "."))


def _encoding_of(stream: BinaryIO) -> str:
    """The encoding of a seekable stream, which is left at its start."""
    start = stream.read(2)
    stream.seek(0)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in iter(lambda: stream.read(1 << 20), b""):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        stream.seek(0)
    return "utf-8-sig"


def _cells(header: str, delimiter: str) -> list[str]:
    return [cell.strip().lower() for cell in next(csv.reader([header], delimiter=delimiter), [])]


def _promise(header: str, delimiter: str) -> tuple[int, int]:
    """How well a delimiter explains a header: known names, then cells."""
    names = _cells(header, delimiter)
    return sum(name in _TARGETS for name in names), len(names)


def _columns(names: Sequence[str], *, where: str, defaults: Defaults) -> dict[str, int]:
    """The position of each target column. Raises StopError when the header is unusable."""
    if "date" in names and "time" in names:
        raise StopError(
            f"{where}: columns 'date' and 'time' are separate; join them into one column "
            "timestamp_utc such as 2026-01-31T13:00:00Z"
        )
    columns: dict[str, int] = {}
    for at, name in enumerate(names):
        target = _TARGETS.get(name)
        if target in columns:
            other = names[columns[target]]
            raise StopError(
                f"{where}: columns {other!r} and {name!r} both mean {target}; keep one of them"
            )
        if target is not None:
            columns[target] = at
    given = {"site_id": defaults.site_id, "meter_id": defaults.meter_id}
    for target, value in given.items():
        if value is not None and target in columns:
            flag = "--" + target.replace("_", "-")
            raise StopError(f"{where} has a column {target}; leave {flag} out, or the column")
    missing = [
        name
        for name in ("site_id", "meter_id", "timestamp_utc", "value")
        if name not in columns and given.get(name) is None
    ]
    if missing:
        found = ", ".join(repr(name) for name in names[:20]) or "nothing"
        raise StopError(
            f"{where}: the header lacks {', '.join(missing)}; found {found}. Expected columns "
            "site_id, meter_id, timestamp_utc, value and perhaps unit; a site or meter that is "
            "the same for all rows can be given by --site-id and --meter-id"
        )
    return columns


# Inputs: files, standard input, the output of a command


@dataclass(frozen=True)
class Inputs:
    """Where readings come from: files ("-" is standard input), or a command's output."""

    files: tuple[str, ...] = ()
    command: str | None = None
    command_timeout: float = 300.0

    @contextmanager
    def opened(self) -> Iterator[list[tuple[str, BinaryIO]]]:
        """All inputs as seekable streams with their names. Raises StopError for one that fails."""
        with ExitStack() as stack:
            streams = [(name, stack.enter_context(_opened_file(name))) for name in self.files]
            if self.command is not None:
                output = stack.enter_context(tempfile.TemporaryFile())
                _run(self.command, output=output, timeout=self.command_timeout)
                streams.append(("output of the command", output))
            yield streams


@contextmanager
def _opened_file(name: str) -> Iterator[BinaryIO]:
    with ExitStack() as stack:
        if name == "-":
            stream: BinaryIO = sys.stdin.buffer
        else:
            try:
                stream = stack.enter_context(Path(name).open("rb"))
            except OSError as error:
                raise StopError(f"cannot read {name}: {error.strerror}") from error
        if name == "-" or not stream.seekable():
            copy = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
            stream = copy
        yield stream


def _run(command: str, *, output: BinaryIO, timeout: float) -> None:
    """Runs a command without a shell and without our token.

    Its output counts only when it ends well: the last line of one that broke off may be half a
    number.
    """
    environment = {name: value for name, value in os.environ.items() if name != "CEI_TOKEN"}
    try:
        words = command if sys.platform == "win32" else shlex.split(command)
        # The command is what the person who runs this program told it to run.
        done = subprocess.run(  # noqa: S603
            words, stdout=output, env=environment, timeout=timeout, check=False
        )
    except (OSError, ValueError, IndexError) as error:
        raise StopError(f"cannot run --command {command!r}: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise StopError(
            f"--command {command!r} did not end within {timeout:g} s; nothing of it was taken "
            "(--command-timeout allows more)"
        ) from error
    if done.returncode != 0:
        raise StopError(
            f"--command {command!r} ended with code {done.returncode}; nothing of it was taken"
        )
    output.seek(0)


# The spool: what has been taken and not yet confirmed


@dataclass(frozen=True)
class Batch:
    """Records under one name of the queue; names sort in the order of sending."""

    name: str
    source: str
    records: tuple[str, ...]

    @property
    def body(self) -> bytes:
        """The request's body, pure ASCII."""
        records = ",".join(self.records)
        return f'{{"source":{json.dumps(self.source)},"records":[{records}]}}'.encode("ascii")


class Spool:
    """A folder with `queue/` (one file a batch), `failed/` (what the server refused) and a lock.

    Files come into being whole: written under another name, flushed to disk, renamed. A batch
    file is a line with the source's name, then a line per record, so that halving and keeping
    never re-writes a number.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.queue = folder / "queue"
        self.failed = folder / "failed"
        self._temporary = folder / "tmp"
        self._kept: set[tuple[str, str]] | None = None
        self._next_number: int | None = None

    @contextmanager
    def held(self, *, patience: float) -> Iterator[None]:
        """Creates the folders, keeps other runs out; the system frees the lock of a killed run."""
        for folder in (self.queue, self.failed, self._temporary):
            folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(self.folder)
        _sync_folder(self.folder.parent)
        with (self.folder / "lock").open("a+b") as lock:
            until = time.monotonic() + patience
            while not _try_lock(lock):
                if time.monotonic() >= until:
                    raise UnreachableError(
                        f"another run holds the spool {self.folder}; nothing was read this time"
                    )
                time.sleep(0.1)
            for leftover in self._temporary.iterdir():
                leftover.unlink()
            yield

    def names(self) -> list[str]:
        """Names of the batches that wait, in the order of sending."""
        return sorted(path.stem for path in self.queue.glob("*.jsonl"))

    def load(self, name: str) -> Batch:
        """A waiting batch. Raises StopError when its file has been damaged."""
        path = self._path(name)
        try:
            head, *records = path.read_text(encoding="ascii").splitlines()
            for record in records:
                json.loads(record)
            return Batch(name=name, source=json.loads(head)["source"], records=tuple(records))
        except (ValueError, KeyError, TypeError) as error:
            raise StopError(
                f"{path} is damaged ({error}); this program writes whole files only, so look at "
                "the disk. Move the file away to go on with the rest"
            ) from error

    def add(self, records: Iterable[str], *, source: str) -> str:
        """Appends a batch to the queue and returns its name."""
        name = self._new_name()
        self.put(Batch(name=name, source=source, records=tuple(records)))
        return name

    def put(self, batch: Batch) -> None:
        """Writes a batch under its own name."""
        head = json.dumps({"source": batch.source})
        self._write(self._path(batch.name), [head, *batch.records])

    def remove(self, name: str) -> None:
        """Forgets a batch whose every record is confirmed or kept elsewhere."""
        self._path(name).unlink()

    def keys(self) -> set[str]:
        """Keys of all records that wait."""
        records = (record for name in self.names() for record in self.load(name).records)
        return {json.loads(record)["idempotency_key"] for record in records}

    def keep_failed(self, failures: Iterable[Failure]) -> None:
        """Stores failures that are not stored yet, before their batch is forgotten."""
        if self._kept is None:
            self._kept = {_identity(line) for line in self.failed_lines()}
        new = {_identity(failure.line): failure.line for failure in failures}
        lines = [line for identity, line in new.items() if identity not in self._kept]
        if lines:
            self._write(self.failed / f"{self._new_name()}.jsonl", lines)
            self._kept.update(new)

    def failed_files(self) -> list[Path]:
        """The files of failures, oldest first."""
        return sorted(self.failed.glob("*.jsonl"))

    def requeue_failed(self, *, source: str, batch_size: int) -> int:
        """Moves what failed back into the queue, as far as it is records; their number."""
        moved = 0
        for path in self.failed_files():
            lines = path.read_text(encoding="ascii").splitlines()
            # Quotes inside of texts are escaped, so this mark stands before the record only.
            mark = ',"record":'
            records = [line.partition(mark)[2][:-1] for line in lines if mark in line]
            rest = [line for line in lines if mark not in line]
            for at in range(0, len(records), batch_size):
                self.add(records[at : at + batch_size], source=source)
            if rest:
                self._write(path, rest)
            else:
                path.unlink()
            moved += len(records)
        return moved

    def failed_lines(self) -> Iterator[str]:
        """All failures that are kept, a line of JSON each."""
        for path in self.failed_files():
            yield from path.read_text(encoding="ascii").splitlines()

    def _path(self, name: str) -> Path:
        return self.queue / f"{name}.jsonl"

    def _new_name(self) -> str:
        """A name after all that are there; failures share the numbers, so none is written over."""
        if self._next_number is None:
            taken = [*self.names(), *(path.stem for path in self.failed_files())]
            numbers = (re.match(r"\d{12}", name) for name in taken)
            self._next_number = 1 + max((int(n[0]) for n in numbers if n), default=0)
        name = f"{self._next_number:012d}"
        self._next_number += 1
        return name

    def _write(self, path: Path, lines: Iterable[str]) -> None:
        temporary = self._temporary / path.name
        with temporary.open("w", encoding="ascii", newline="\n") as file:
            file.writelines(line + "\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)


def _identity(line: str) -> tuple[str, str]:
    """What makes a stored failure the same as another: its detail may name a line or the time."""
    failure = json.loads(line)
    return failure["code"], failure.get("row") or failure["record"]["idempotency_key"]


def _sync_folder(folder: Path) -> None:
    """Makes a rename last; Windows has no such call for folders."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(file: BinaryIO) -> bool:
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# The server: one exchange, and as many as it takes


@dataclass(frozen=True)
class Answer:
    """A believable answer to a batch: its counts add up to what was sent."""

    raw: str
    ingested: int
    duplicates: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Endpoint:
    """Where batches go, and with what proof of identity."""

    url: str
    token: str = field(repr=False)
    ca_file: str | None = None
    timeout: float = 30.0


@dataclass(frozen=True)
class Patience:
    """How often and how long to try: waits in seconds."""

    max_tries: int = 8
    first_wait: float = 1.0
    max_wait: float = 120.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an error here: following it would hand the token to whoever is named."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


ADVICE: Mapping[int, str] = {
    401: "the token is unknown, expired or revoked: ask for a new one and put it into CEI_TOKEN "
    "or the token file",
    403: "the token lacks the scope 'ingest': ask for one that has it",
    404: "nothing answers there: --url is the platform's base address, without a path",
    422: "the server does not understand the batch as a whole: something between here and there "
    "changes it, or client and server do not fit; send this text to the platform's operator",
}


class Sender:
    """Delivers batches; `sleep`, `jitter(low, high)` and `now` (aware, UTC) come from outside."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        patience: Patience,
        sleep: Callable[[float], None],
        jitter: Callable[[float, float], float],
        now: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self._endpoint = endpoint
        self._patience = patience
        self._sleep = sleep
        self._jitter = jitter
        self._now = now
        self._say = say
        self._opener = _opener(endpoint)

    def deliver(self, batch: Batch) -> Answer:
        """Sends a batch until it is answered.

        Raises TooLargeError (halve it), StopError (a person has to act), UnreachableError.
        """
        tries = 0
        while True:
            tries += 1
            try:
                return self._exchange(batch)
            except TryAgainError as problem:
                self.pause(tries, problem)

    def pause(self, tries: int, problem: TryAgainError) -> None:
        """Waits after failed try number `tries`, or raises UnreachableError when it was the last.

        Exponential back-off with full jitter; never less than the server asked for.
        """
        patience = self._patience
        if tries >= patience.max_tries:
            raise UnreachableError(f"gave up after {tries} tries: {problem}")
        asked = problem.retry_after or 0.0
        if asked > patience.max_wait:
            raise UnreachableError(
                f"{problem}; the server asks to wait {asked:.0f} s, longer than --max-wait"
            )
        ceiling = min(patience.max_wait, patience.first_wait * 2 ** min(tries - 1, 60))
        wait = asked + self._jitter(0.0, ceiling)
        self._say(f"try {tries} of {patience.max_tries}: {problem}; again in {wait:.1f} s")
        self._sleep(wait)

    def shown(self, text: str, *, limit: int = 500) -> str:
        """A text of the server for the screen: without the token and control characters."""
        hidden = text.replace(self._endpoint.token, "[token]")
        return "".join(sign if sign.isprintable() else " " for sign in hidden)[:limit].strip()

    def _exchange(self, batch: Batch) -> Answer:
        # The scheme is http or https: batch_url() refuses all others.
        request = urllib.request.Request(  # noqa: S310
            self._endpoint.url,
            data=batch.body,
            method="POST",
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": f"cei-factory-client/{VERSION}",
            },
        )
        request.add_unredirected_header("Authorization", f"Bearer {self._endpoint.token}")
        deadline = time.monotonic() + 4 * self._endpoint.timeout
        try:
            with self._opener.open(request, timeout=self._endpoint.timeout) as response:
                status, headers = response.status, response.headers
                text = _read_text(response, deadline=deadline)
        except urllib.error.HTTPError as error:
            with error:
                status, headers = error.code, error.headers
                text = _read_error_text(error, deadline=deadline)
        except (OSError, http.client.HTTPException) as error:
            raise self._network_problem(error) from error
        if status == 200:
            return self._believed(text, batch)
        raise self._refusal(status, headers, text, batch)

    def _network_problem(self, error: Exception) -> Exception:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            return StopError(
                f"the certificate of {self._endpoint.url} cannot be trusted "
                f"({reason.verify_message}); if your company has its own certificate authority, "
                "give its file by --ca-file"
            )
        return TryAgainError(self.shown(f"no answer ({type(reason).__name__}: {reason})"))

    def _refusal(self, status: int, headers: Message, text: str, batch: Batch) -> Exception:
        said = f"the server answered {status}: {self.shown(text) or 'nothing more'}"
        if status == 413:
            return TooLargeError(said)
        if status in (408, 425, 429) or status >= 500 or 200 <= status < 300:
            return TryAgainError(said, retry_after=retry_after(headers, now=self._now()))
        if 300 <= status < 400:
            target = self.shown(headers.get("Location") or "elsewhere")
            return StopError(
                f"the server answered {status} and points to {target}; redirects are not "
                "followed because the token would go there too: set --url to the final address"
            )
        advice = ADVICE.get(status, "this program does not know that answer; ask the operator")
        return StopError(f"{said}\n{advice}. Not taken: batch {batch.name}")

    def _believed(self, text: str, batch: Batch) -> Answer:
        try:
            return read_answer(text, batch)
        except UNBELIEVABLE as error:
            raise TryAgainError(
                f"status 200, but the answer is not one to this batch ({self.shown(str(error))}); "
                f"it begins {self.shown(text, limit=120)!r}"
            ) from error


# What reading an answer raises when it is none; the last for brackets without end.
UNBELIEVABLE = (ValueError, LookupError, TypeError, RecursionError)


def read_answer(text: str, batch: Batch) -> Answer:
    """The server's answer to a batch; raises one of UNBELIEVABLE when it cannot be one.

    ingested + skipped_duplicate + failed has to be the number of records sent, and every failed
    record has to be named. Skipped and conflicting duplicates share a code: when only some of
    those named failed, all of them are kept as failed rather than one be lost.
    """
    answer = json.loads(text)
    ingested, duplicates, failed = (
        _count(answer[name]) for name in ("ingested", "skipped_duplicate", "failed")
    )
    if ingested + duplicates + failed != len(batch.records):
        raise ValueError(
            f"{ingested} ingested + {duplicates} duplicates + {failed} failed is not the number "
            f"of records sent, {len(batch.records)}"
        )
    named = {_count(error["index"]): error for error in answer["errors"]}
    refused = {index for index, error in named.items() if error["code"] != DUPLICATE}
    if len(refused) < failed <= len(named):
        refused = set(named)
    elif len(refused) != failed:
        raise ValueError(f"{failed} failed, but {len(refused)} are named in errors")
    failures = tuple(
        Failure(
            code=str(named[index]["code"]),
            detail=str(named[index].get("detail", "")),
            record=batch.records[index],
        )
        for index in sorted(refused)
    )
    return Answer(raw=text, ingested=ingested, duplicates=duplicates, failures=failures)


def _count(number: Any) -> int:  # noqa: ANN401 - a JSON value of any type is what is looked at
    if type(number) is not int or number < 0:
        raise ValueError(f"{number!r} is not a count")
    return number


def retry_after(headers: Message, *, now: datetime) -> float | None:
    """Seconds that `Retry-After` asks for, in either of its forms; None without a usable one.

    A date is compared with the server's own `Date`, since a factory's clock may be wrong.
    """
    text = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    wanted = _http_date(text)
    if wanted is None:
        return None
    served = _http_date(headers.get("Date") or "") or now
    return max(0.0, (wanted - served).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _opener(endpoint: Endpoint) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    parts = urllib.parse.urlsplit(endpoint.url)
    if parts.scheme == "https":
        handlers.append(urllib.request.HTTPSHandler(context=_trust(endpoint.ca_file)))
    if _is_loopback(parts.hostname or ""):
        # A proxy would carry the token of a plain local connection over the network.
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def _trust(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise StopError(f"cannot use --ca-file {ca_file}: {error}") from error
    return context


def _read_text(response: Any, *, deadline: float) -> str:  # noqa: ANN401 - urllib names no type
    """An answer of bounded length that comes in bounded time."""
    pieces, size = [], 0
    while piece := response.read1(1 << 16):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            raise http.client.HTTPException("the answer is too long to be one")
        if time.monotonic() > deadline:
            raise TimeoutError("the answer does not end")
    return b"".join(pieces).decode("utf-8", "replace")


def _read_error_text(error: urllib.error.HTTPError, *, deadline: float) -> str:
    """What a refusal says; the status counts even when the text breaks off."""
    try:
        return _read_text(error, deadline=deadline)
    except (OSError, http.client.HTTPException):
        return ""


def batch_url(base: str, *, allow_http: bool) -> str:
    """The address of the batch endpoint below a base address. Raises StopError if it is unfit."""
    unfit = f"--url {base!r} is not an address such as https://cei.example.org"
    try:
        parts = urllib.parse.urlsplit(base)
        _ = parts.port, (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise StopError(f"{unfit} ({error})") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[^!-~]", base):
        raise StopError(unfit)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise StopError("--url holds a user, password, query or fragment; give the base address")
    if parts.scheme == "http" and not (allow_http or _is_loopback(parts.hostname)):
        raise StopError(
            f"--url {base} is plain http: the token could be read on the way. Use https, or "
            "--allow-http if the network in between is yours"
        )
    path = parts.path.rstrip("/")
    path = path if path.endswith(BATCH_PATH) else path + BATCH_PATH
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# A run


@dataclass
class Totals:
    """What became of the records of a run."""

    batches: int = 0
    ingested: int = 0
    duplicates: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return (
            f"{self.ingested + self.duplicates + self.failed} records in {self.batches} batches: "
            f"{self.ingested} ingested, {self.duplicates} duplicates, {self.failed} failed"
        )


class Run:
    """Takes readings into the spool and delivers what is there."""

    def __init__(
        self,
        spool: Spool,
        *,
        say: Callable[[str], None],
        complain: Callable[[str], None],
    ) -> None:
        self._spool = spool
        self._say = say
        self._complain = complain
        self.totals = Totals()

    def take(self, readings: CsvReadings, *, source: str, batch_size: int) -> None:
        """Puts all readings of an input into the queue, save those that wait there already."""
        waiting = self._spool.keys()
        records: list[str] = []
        read = known = 0
        bad: list[Failure] = []
        for item in readings:
            read += 1
            if isinstance(item, Failure):
                bad.append(item)
            elif item.key in waiting:
                known += 1
            else:
                records.append(item.text)
            if len(records) == batch_size:
                self._spool.add(records, source=source)
                records.clear()
        if records:
            self._spool.add(records, source=source)
        for warning in readings.warnings:
            self._complain(warning)
        self._fail(bad)
        self._say(
            f"{readings.name}: {read} rows read, {read - known - len(bad)} spooled, "
            f"{known} were waiting already, {len(bad)} malformed"
        )

    def report(self) -> None:
        """Says what became of the records."""
        self._say(str(self.totals))

    def send(self, sender: Sender) -> None:
        """Delivers the queue in its order; raises what Sender.deliver raises, the rest waits."""
        names = deque(self._spool.names())
        stalls = 0
        while names:
            batch = self._spool.load(names.popleft())
            try:
                answer = sender.deliver(batch)
            except TooLargeError as error:
                _put_first(names, self._halved(batch, error), instead_of=batch)
                continue
            again = [f.record for f in answer.failures if f.code == INTERNAL and f.record]
            self._settle(batch, answer, again)
            if not again:
                stalls = 0
                continue
            stalls = stalls + 1 if len(again) == len(batch.records) else 1
            _put_first(names, [self._left(batch, again)], instead_of=batch)
            problem = f"the server failed to store {len(again)} records ({INTERNAL})"
            sender.pause(stalls, TryAgainError(problem))

    def _settle(self, batch: Batch, answer: Answer, again: Sequence[str]) -> None:
        """Keeps failures, counts, and forgets the batch; in this order, for a kill in between."""
        failures = [f for f in answer.failures if f.code != INTERNAL]
        self._fail(failures)
        self.totals.batches += 1
        self.totals.ingested += answer.ingested
        self.totals.duplicates += answer.duplicates
        if not again:
            self._spool.remove(batch.name)
        if self.totals.batches % 100 == 0:
            self._say(f"so far {self.totals}")

    def _left(self, batch: Batch, again: Sequence[str]) -> str:
        """The name of a batch of those records that the server could not store."""
        if len(again) == len(batch.records):
            return batch.name
        left = Batch(name=batch.name + "r", source=batch.source, records=tuple(again))
        self._spool.put(left)
        self._spool.remove(batch.name)
        return left.name

    def _halved(self, batch: Batch, error: TooLargeError) -> list[str]:
        """Two batches in place of one; a single record that is too large has failed."""
        middle = len(batch.records) // 2
        if middle == 0:
            self._fail([Failure(code="HTTP_413", detail=str(error), record=batch.records[0])])
            self._spool.remove(batch.name)
            return []
        halves = [
            Batch(name=batch.name + "a", source=batch.source, records=batch.records[:middle]),
            Batch(name=batch.name + "b", source=batch.source, records=batch.records[middle:]),
        ]
        for half in halves:
            self._spool.put(half)
        self._spool.remove(batch.name)
        self._say(f"{error}; going on with halves of {middle} records")
        return [half.name for half in halves]

    def _fail(self, failures: Sequence[Failure]) -> None:
        self._spool.keep_failed(failures)
        self.totals.failed += len(failures)
        for failure in failures:
            self._complain(f"failed {failure.line}")


def _put_first(names: deque[str], new: Sequence[str], *, instead_of: Batch) -> None:
    """Puts parts of a batch where it stood; a run that was killed may have left some there."""
    parts = set(new)
    while names and names[0].startswith(instead_of.name):
        parts.add(names.popleft())
    names.extendleft(sorted(parts, reverse=True))


def send_readings(arguments: argparse.Namespace) -> int:
    """Takes the inputs, then sends all that waits, also when an input is unusable."""
    spool, sender = _spool(arguments), _sender(arguments)
    run = Run(spool, say=_speaker(arguments), complain=complain)
    code = ALL_IN
    with spool.held(patience=arguments.lock_wait):
        try:
            with _inputs(arguments).opened() as streams:
                for name, stream in streams:
                    readings = CsvReadings(stream, name=name, defaults=_defaults(arguments))
                    run.take(readings, source=arguments.source, batch_size=arguments.batch_size)
        except (StopError, OSError) as error:
            complain(f"stopped reading: {error}")
            code = STOPPED
        return max(code, _send(run, sender, spool), key=_URGENCY.index)


def retry_failed(arguments: argparse.Namespace) -> int:
    """Puts failed records back behind the queue and sends all that waits."""
    spool, sender = _spool(arguments), _sender(arguments)
    say = _speaker(arguments)
    run = Run(spool, say=say, complain=complain)
    with spool.held(patience=arguments.lock_wait):
        moved = spool.requeue_failed(source=arguments.source, batch_size=arguments.batch_size)
        say(f"{moved} failed records go out again")
        return _send(run, sender, spool)


def _send(run: Run, sender: Sender, spool: Spool) -> int:
    code = ALL_IN
    try:
        run.send(sender)
    except UnreachableError as error:
        complain(str(error))
        code = WAITING
    except StopError as error:
        complain(f"stopped: {error}")
        code = STOPPED
    if waiting := spool.names():
        complain(f"{len(waiting)} batches wait in {spool.queue}; the next run sends them first")
    if run.totals.failed:
        complain(
            f"{run.totals.failed} records failed and are kept in {spool.failed}; mend the cause "
            "(register the meter, say) and run again with --retry-failed, or delete the files"
        )
        code = max(code, SOME_FAILED, key=_URGENCY.index)
    run.report()
    return code


def send_one(arguments: argparse.Namespace) -> int:
    """Sends one record for the last complete hour and prints the answer as it came."""
    number = number_of(arguments.value or "")
    if arguments.site_id is None or arguments.meter_id is None or number is None:
        raise StopError("--test needs --site-id, --meter-id and --value with a number, as 12.5")
    hour = _now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    record = make_record(
        site_id=arguments.site_id,
        meter_id=arguments.meter_id,
        timestamp=f"{hour:%Y-%m-%dT%H:%M:%SZ}",
        value=arguments.value,
        number=number,
        unit=arguments.unit or "kWh",
        revision=arguments.revision,
    )
    sender = _sender(arguments)
    try:
        answer = sender.deliver(Batch(name="test", source=arguments.source, records=(record.text,)))
    except TooLargeError as error:
        raise StopError(str(error)) from error
    print(sender.shown(answer.raw, limit=MAX_ANSWER_BYTES))
    return SOME_FAILED if answer.failures else ALL_IN


@dataclass
class _Span:
    """Records of one meter, as a dry run shows them."""

    records: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, record: Record) -> None:
        self.records += 1
        moment = record.moment
        if moment is not None:
            self.first = moment if self.first is None else min(self.first, moment)
            self.last = moment if self.last is None else max(self.last, moment)


def dry_run(arguments: argparse.Namespace) -> int:
    """Shows what would be sent; writes and sends nothing."""
    spans: dict[tuple[str, str], _Span] = {}
    first: Record | None = None
    malformed = 0
    with _inputs(arguments).opened() as streams:
        for name, stream in streams:
            readings = CsvReadings(stream, name=name, defaults=_defaults(arguments))
            for item in readings:
                if isinstance(item, Failure):
                    malformed += 1
                    complain(f"malformed {item.line}")
                    continue
                first = first or item
                spans.setdefault((item.site_id, item.meter_id), _Span()).add(item)
            for warning in readings.warnings:
                complain(warning)
    total = sum(span.records for span in spans.values())
    print("first record:", first.text if first else "none")
    for (site_id, meter_id), span in sorted(spans.items()):
        print(f"{site_id} {meter_id}: {span.records} records, {_shown_span(span)}")
    batches = -(-total // arguments.batch_size)
    print(f"{total} records in {batches} batches, {malformed} malformed rows; nothing was sent")
    return SOME_FAILED if malformed else ALL_IN


def _shown_span(span: _Span) -> str:
    if span.first is None or span.last is None:
        return "no timestamp with an offset (see --utc-offset)"
    return f"{span.first:%Y-%m-%dT%H:%M:%SZ} to {span.last:%Y-%m-%dT%H:%M:%SZ}"


def show_status(arguments: argparse.Namespace) -> int:
    """Shows what waits and what failed; the exit code says the same."""
    spool = _spool(arguments)
    names = spool.names()
    records = sum(len(spool.load(name).records) for name in names)
    codes = Counter(str(json.loads(line)["code"]) for line in spool.failed_lines())
    print(f"waiting: {records} records in {len(names)} batches ({spool.queue})")
    print(f"failed: {sum(codes.values())} records ({spool.failed})")
    for code, count in codes.most_common():
        print(f"  {code}: {count}")
    return SOME_FAILED if codes else WAITING if names else ALL_IN


# The command line

_URGENCY = (ALL_IN, WAITING, SOME_FAILED, STOPPED)


def complain(text: str) -> None:
    """A line for the person who has to know, also with --quiet."""
    print(text, file=sys.stderr, flush=True)


def _speaker(arguments: argparse.Namespace) -> Callable[[str], None]:
    def say(text: str) -> None:
        if not arguments.quiet:
            print(text, flush=True)

    return say


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _spool(arguments: argparse.Namespace) -> Spool:
    if arguments.spool is None:
        raise StopError("--spool DIR is missing: the folder that keeps what is not confirmed yet")
    return Spool(Path(arguments.spool))


def _inputs(arguments: argparse.Namespace) -> Inputs:
    return Inputs(
        files=tuple(arguments.files),
        command=arguments.command,
        command_timeout=arguments.command_timeout,
    )


def _defaults(arguments: argparse.Namespace) -> Defaults:
    return Defaults(
        site_id=arguments.site_id,
        meter_id=arguments.meter_id,
        unit=arguments.unit,
        utc_offset=arguments.utc_offset or "",
        revision=arguments.revision,
    )


def _sender(arguments: argparse.Namespace) -> Sender:
    base = arguments.url or os.environ.get("CEI_URL")
    if not base:
        raise StopError("--url (or CEI_URL) is missing: the platform's base address")
    endpoint = Endpoint(
        url=batch_url(base, allow_http=arguments.allow_http),
        token=_token(arguments.token_file),
        ca_file=arguments.ca_file,
        timeout=arguments.timeout,
    )
    patience = Patience(
        max_tries=arguments.max_tries,
        first_wait=arguments.first_wait,
        max_wait=arguments.max_wait,
    )
    return Sender(
        endpoint,
        patience=patience,
        sleep=time.sleep,
        jitter=secrets.SystemRandom().uniform,
        now=_now,
        say=_speaker(arguments),
    )


def _token(file: str | None) -> str:
    """The token, from its file or CEI_TOKEN; never from the command line, which others can read."""
    if file is None:
        token, origin = os.environ.get("CEI_TOKEN", ""), "CEI_TOKEN"
    else:
        path, origin = Path(file), f"the token file {file}"
        try:
            token = path.read_text(encoding="utf-8-sig")
            if sys.platform != "win32" and path.stat().st_mode & 0o077:
                complain(f"{origin} can be read by others: chmod 600 {file}")
        except (OSError, UnicodeDecodeError) as error:
            raise StopError(f"cannot read {origin}: {error}") from error
    token = token.strip()
    if not re.fullmatch(r"[!-~]+", token):
        raise StopError(f"{origin} holds no token; it looks like cei_int_ and 43 characters")
    return token


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{number} is not between {low} and {high}")
        return number

    return parse


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return number


def _offset(text: str) -> str:
    if not _OFFSET.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text} is not Z or an offset such as +05:30")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="factory_client.py",
        description="Sends meter readings from CSV to the platform's batch API; loses none.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=VERSION)
    _add_modes(parser)
    _add_inputs(parser)
    _add_server(parser)
    _add_patience(parser)
    return parser


def _add_modes(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("instead of sending the input")
    modes = group.add_mutually_exclusive_group()
    modes.add_argument("--dry-run", action="store_true", help="show what would be sent")
    modes.add_argument("--status", action="store_true", help="show what waits and what failed")
    modes.add_argument(
        "--test", action="store_true", help="send one record for the last complete hour (UTC)"
    )
    modes.add_argument(
        "--retry-failed", action="store_true",
        help="send what failed once more, behind all that waits: a value that was corrected "
        "meanwhile would hold again",
    )  # fmt: skip


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "input",
        "CSV with a header: site_id, meter_id, timestamp_utc, value, and unit if you like. "
        "Without input only what waits in the spool is sent.",
    )
    add = group.add_argument
    add("files", nargs="*", metavar="FILE", help="CSV files in this order; - is standard input")
    add("--command", metavar="CMD", help="a command whose output is the CSV; run without a shell")
    add("--command-timeout", type=_seconds, default=300.0, metavar="S", help="default 300")
    add("--site-id", metavar="ID", help="site of every row, when there is no such column")
    add("--meter-id", metavar="ID", help="meter of every row, when there is no such column")
    add("--unit", help="unit of rows that have none; the server takes kWh")
    add(
        "--utc-offset", type=_offset, default=None, metavar="OFFSET",
        help="offset of timestamps that have none: Z, or as in --utc-offset=-03:00. Only for "
        "clocks that never change to summer time",
    )  # fmt: skip
    add(
        "--revision", default="", metavar="LABEL",
        help="any text; makes every key new. Needed only to go back to a value that was sent "
        "before and corrected since, which would count as a duplicate otherwise",
    )  # fmt: skip
    add("--value", metavar="KWH", help="the value that --test sends")


def _add_server(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("server")
    add = group.add_argument
    add("--url", help="base address, as https://cei.example.org (or CEI_URL)")
    add("--token-file", metavar="FILE", help="file with the token; without it CEI_TOKEN is read")
    add("--source", default="factory-client", help="name of the sender; default factory-client")
    add("--ca-file", metavar="PEM", help="further certificate authorities to trust")
    add("--allow-http", action="store_true", help="allow plain http to another machine")
    add("--timeout", type=_seconds, default=30.0, metavar="S", help="of a connection, default 30")


def _add_patience(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("spool and patience")
    add = group.add_argument
    add("--spool", metavar="DIR", help="folder that keeps what is not confirmed; on a local disk")
    add("--batch-size", type=_whole(1, MAX_BATCH), default=MAX_BATCH, metavar="N",
        help=f"records a batch, at most and by default {MAX_BATCH}")  # fmt: skip
    add("--max-tries", type=_whole(1, 1000), default=8, metavar="N", help="a batch; default 8")
    add("--first-wait", type=_seconds, default=1.0, metavar="S",
        help="longest wait after the first try, doubling from there; default 1")  # fmt: skip
    add("--max-wait", type=_seconds, default=120.0, metavar="S", help="longest wait; default 120")
    add("--lock-wait", type=_seconds, default=60.0, metavar="S",
        help="how long to wait for another run to end; default 60")  # fmt: skip
    add("--quiet", action="store_true", help="say nothing when all is well (for cron)")


def _chosen(arguments: argparse.Namespace) -> Callable[[argparse.Namespace], int]:
    has_input = bool(arguments.files) or arguments.command is not None
    if has_input and (arguments.status or arguments.test or arguments.retry_failed):
        raise StopError("--status, --test and --retry-failed take no input; leave it out")
    if arguments.dry_run:
        return dry_run
    if arguments.status:
        return show_status
    if arguments.test:
        return send_one
    return retry_failed if arguments.retry_failed else send_readings


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(argv)
    try:
        return _chosen(arguments)(arguments)
    except StopError as error:
        complain(f"stopped: {error}")
    except OSError as error:
        complain(f"stopped: {error}; what is in the spool stays there")
    except UnreachableError as error:
        complain(str(error))
        return WAITING
    except KeyboardInterrupt:
        complain("interrupted; what is in the spool goes out with the next run")
        return WAITING
    return STOPPED


if __name__ == "__main__":
    sys.exit(main())
