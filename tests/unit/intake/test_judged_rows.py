"""Single rows, as the gateway has them judged: meter, interval and energy, or code and words."""

from typing import Any

import pyarrow as pa
import pytest

from cei_assets.core.intake.judge import RowVerdicts, judge_rows
from cei_assets.core.intake.places import registered_meters
from cei_assets.core.intake.verdict import Limits, ReceiptFacts
from tests.intake_drops import NOW, REGISTER, in_memory

GOOD = {
    "site_id": "mill",
    "meter_id": "main",
    "timestamp_utc": "2026-01-01T00:00:00Z",
    "value": "1.5",
    "unit": "kWh",
}
MIDNIGHT = 1_767_225_600
PLACES = [
    ("mill", "ending"), ("mill", "main"), ("mill", "quarter"), ("plant_in", "main"),
    ("works", "main"),
]  # fmt: skip


def verdicts(*rows: dict[str, Any], organization_id: str | None = "acme") -> RowVerdicts:
    table = pa.Table.from_pylist([{**GOOD, **row} for row in rows])
    with in_memory() as connection:
        return judge_rows(
            connection=connection,
            rows=table,
            register=REGISTER,
            meters=registered_meters(connection, register=REGISTER, year=2026),
            receipt=ReceiptFacts(
                receipt_id="0",
                upload_source="cei_api",
                received_at_utc=NOW,
                received_date=NOW.date(),
                organization_id=organization_id,
            ),
            limits=Limits(),
        )


def test_valid_rows_give_meter_start_and_energy_in_their_place() -> None:
    found = verdicts(
        {"timestamp_utc": "2026-01-01T01:00:00Z"},
        {"value": "-1"},
        {"meter_id": "ending", "timestamp_utc": "2026-01-01T02:00:00+01:00", "value": "1e-9"},
    )
    assert [PLACES[meter] for meter in found.meter[[0, 2]]] == [
        ("mill", "main"),
        ("mill", "ending"),
    ]
    assert found.start.tolist() == [MIDNIGHT + 3600, 0, MIDNIGHT]
    assert found.nano_kwh.tolist() == [1_500_000_000, 0, 1]
    assert found.meter[1] == -1
    assert found.codes == [None, "INVALID_VALUE", None]
    assert found.details == [None, "value -1 is negative", None]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"site_id": None}, "UNKNOWN_SITE"),
        ({"site_id": "works"}, "ORG_MISMATCH"),
        ({"meter_id": "none"}, "UNKNOWN_METER"),
        ({"unit": "MWh"}, "INVALID_UNIT"),
        ({"timestamp_utc": "2026-01-01T00:17:23Z"}, "INVALID_TIMESTAMP"),
        ({"timestamp_utc": "2026-10-25T02:00:00"}, "INVALID_TIMESTAMP"),
        ({"value": "true", "value_type": "true or false"}, "INVALID_VALUE"),
    ],
)
def test_every_code_of_a_row_is_told(row: dict[str, Any], code: str) -> None:
    assert verdicts(row, {}).codes == [code, None]


def test_all_problems_of_a_row_are_told_under_the_first_code() -> None:
    found = verdicts({"unit": "MWh", "value": "-1"})
    assert found.codes == ["INVALID_UNIT"]
    assert found.details == ["unit 'MWh' is not kWh; value -1 is negative"]


def test_keys_and_repeated_intervals_are_not_looked_at() -> None:
    same = {"idempotency_key": "k"}
    assert verdicts(same, {**same, "value": "2"}, {}, {}).codes == [None] * 4


def test_a_foreign_site_reads_like_an_unknown_one() -> None:
    foreign, unknown = verdicts({"site_id": "works"}, {"site_id": "nowhere"}).details
    assert foreign is not None
    assert unknown is not None
    assert foreign.replace("works", "nowhere") == unknown


def test_the_line_numbers_that_the_rows_have_do_not_matter() -> None:
    rows = [{"line_number": 7, "value": value} for value in ("1", "-1", "2")]
    assert verdicts(*rows).codes == [None, "INVALID_VALUE", None]


def test_no_rows_give_no_verdicts() -> None:
    with in_memory() as connection:
        found = judge_rows(
            connection=connection,
            rows=pa.table({"site_id": pa.array([], pa.string())}),
            register=REGISTER,
            meters=registered_meters(connection, register=REGISTER, year=2026),
            receipt=ReceiptFacts(
                receipt_id="0",
                upload_source="cei_api",
                received_at_utc=NOW,
                received_date=NOW.date(),
            ),
            limits=Limits(),
        )
    assert (found.codes, found.meter.tolist()) == ([], [])
