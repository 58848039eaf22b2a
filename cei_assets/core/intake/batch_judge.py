"""One request of the batch API, record by record: valid ones with their keys, refused ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from cei_assets.contracts.vocabulary import RecordCode
from cei_assets.core.intake.batch_body import Body
from cei_assets.core.intake.idempotency import KeyedRecord, keyed
from cei_assets.core.intake.judge import judge_rows
from cei_assets.core.intake.places import Meters, registered_meters
from cei_assets.core.intake.plain_records import (
    PlainMeters,
    PlainReading,
    plain_meters,
    plain_readings,
)
from cei_assets.core.intake.row_source import ROW_COLUMNS
from cei_assets.core.intake.verdict import Limits, ReceiptFacts

MAX_KEY_CHARACTERS = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A record that is not taken, or that is stored already: one entry of the answer's `errors`."""

    index: int
    code: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class JudgedBatch:
    """What the rules make of a batch before its keys are looked up; both in order of index."""

    records: int
    valid: Sequence[KeyedRecord]
    refused: Sequence[Refusal]


class BatchJudge:
    """Judges request bodies with one version of the register.

    `connection` is in memory with TimeZone UTC, and used by one thread at a time: `judge_plain`
    does not touch it, `judge` does.
    """

    def __init__(
        self,
        *,
        connection: duckdb.DuckDBPyConnection,
        register: Mapping[str, pa.Table],
        limits: Limits,
        year: int,
    ) -> None:
        self._connection = connection
        self._register = register
        self._limits = limits
        self._meters: Meters = registered_meters(connection, register=register, year=year)
        self._names: list[tuple[str, str]] = list(
            zip(self._meters.site_id.to_pylist(), self._meters.meter_id.to_pylist(), strict=True)
        )
        self._plain: Mapping[str, PlainMeters] = plain_meters(self._meters)

    def judge_plain(
        self, body: Body, *, organization_id: str, received_at: datetime
    ) -> list[PlainReading | None]:
        """Readings of plain records; None for those that `judge` has to see."""
        return plain_readings(
            body,
            meters=self._plain.get(organization_id, {}),
            received_at=received_at,
            limits=self._limits,
        )

    def judge(
        self,
        body: Body,
        *,
        organization_id: str,
        received_at: datetime,
        plain: list[PlainReading | None],
    ) -> JudgedBatch:
        """The verdict on every record; `plain` is what `judge_plain` gave for the same body."""
        left = [index for index, reading in enumerate(plain) if reading is None]
        readings, refused = plain, []
        if left:
            readings = list(plain)
            refused = self._judge_left(body, left, readings, organization_id, received_at)
        too_long = _too_long_keys(body)
        if too_long:
            readings = [
                None if index in too_long else reading for index, reading in enumerate(readings)
            ]
            refused = _with_problems(refused, too_long)
        return JudgedBatch(
            records=body.records,
            valid=self._keyed(body, readings, organization_id),
            refused=refused,
        )

    def _judge_left(
        self,
        body: Body,
        left: list[int],
        readings: list[PlainReading | None],
        organization_id: str,
        received_at: datetime,
    ) -> list[Refusal]:
        """Fills in the readings of the rows that are valid; refusals of the others."""
        verdicts = judge_rows(
            connection=self._connection,
            rows=_rows(body, left, organization_id),
            register=self._register,
            meters=self._meters,
            receipt=ReceiptFacts(
                receipt_id="",
                upload_source="cei_api",
                received_at_utc=received_at,
                received_date=received_at.date(),
                organization_id=organization_id,
            ),
            limits=self._limits,
        )
        refused = []
        for row, index in enumerate(left):
            code, detail = verdicts.codes[row], verdicts.details[row]
            if code is not None:
                refused.append(Refusal(index=index, code=code, detail=detail or ""))
                continue
            readings[index] = PlainReading(
                meter=int(verdicts.meter[row]),
                start=int(verdicts.start[row]),
                nano_kwh=int(verdicts.nano_kwh[row]),
            )
        return refused

    def _keyed(
        self, body: Body, readings: list[PlainReading | None], organization_id: str
    ) -> list[KeyedRecord]:
        names = self._names
        return [
            keyed(
                position=index,
                organization_id=organization_id,
                key=key if _is_key(key) else None,
                place=(*names[reading.meter], reading.start, reading.nano_kwh),
            )
            for index, (reading, key) in enumerate(
                zip(readings, body.cells["idempotency_key"], strict=True)
            )
            if reading is not None
        ]


def _is_key(text: str | None) -> bool:
    """Whether the text names a record; a blank one counts as none."""
    return text is not None and text != "" and not text.isspace()


def _too_long_keys(body: Body) -> dict[int, str]:
    """What is wrong with keys over `MAX_KEY_CHARACTERS`, by the record's index."""
    return {
        index: f"idempotency_key has {len(key)} characters, over the limit of {MAX_KEY_CHARACTERS}"
        for index, key in enumerate(body.cells["idempotency_key"])
        if key is not None and len(key) > MAX_KEY_CHARACTERS and _is_key(key)
    }


def _with_problems(refused: Sequence[Refusal], problems: Mapping[int, str]) -> list[Refusal]:
    """The refusals with further problems; a record that has no other gets a code for it."""
    found = {refusal.index: refusal for refusal in refused}
    for index, problem in problems.items():
        other = found.get(index)
        found[index] = Refusal(
            index=index,
            code=other.code if other else RecordCode.INVALID_VALUE.value,
            detail=f"{other.detail}; {problem}" if other else problem,
        )
    return [found[index] for index in sorted(found)]


def _rows(body: Body, left: list[int], organization_id: str) -> pa.Table:
    """The named records as rows of text, as the judge takes them."""
    columns = {
        name: pa.array([cells[index] for index in left], ROW_COLUMNS[name])
        for name, cells in body.cells.items()
    }
    columns["organization_id"] = pa.array([organization_id] * len(left), pa.string())
    columns["record_index"] = pa.array(left, pa.int64())
    columns["line_number"] = pa.array(left, pa.int64())
    return pa.table(columns)
