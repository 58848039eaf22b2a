"""A file with very many refused rows is refused whole: rejects are held in memory."""

import pytest

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.intake.verdict import Limits, Verdict
from tests.intake_drops import batch_line, codes, details, judged, record, rows

FEW = Limits(max_rejects=3)
GOOD = "mill,main,2026-01-01T00:00:00Z,1,kWh"
REGISTER_HOURS = [
    f"mill,ending,2026-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z,{5000 + hour},kWh"
    for hour in range(48)
]
CONFLICTS = [f"mill,main,2026-01-01T00:00:00Z,{n},kWh" for n in range(5)]


def _judged(*lines: str) -> Verdict:
    return judged(rows(GOOD, *lines), limits=FEW)


@pytest.mark.parametrize(
    "lines",
    [
        ["mill,nowhere,2026-01-01T00:00:00Z,1,kWh"] * 4,
        ["mill"] * 4,
        ["mill"] * 2 + ["mill,main,never,1,kWh"] * 2,
        CONFLICTS,
        REGISTER_HOURS,
    ],
    ids=["unknown-meter", "malformed", "of-two-kinds", "conflicts", "register"],
)
def test_a_file_with_too_many_refused_rows_is_refused_whole(lines: list[str]) -> None:
    verdict = _judged(*lines)
    assert codes(verdict) == [(1, "MALFORMED_FILE")]
    assert (verdict.rows_read, verdict.rows_accepted, verdict.rows_rejected) == (1, 0, 1)
    assert "more than 3 rows of the file are refused" in details(verdict)[0]


def test_the_refusal_shows_one_of_the_rows() -> None:
    verdict = _judged(*["mill,nowhere,2026-01-01T00:00:00Z,1,kWh"] * 4)
    assert "on line 3 (UNKNOWN_METER: meter_id 'nowhere' is not registered" in details(verdict)[0]
    assert "on line 3 (MALFORMED_ROW)" in details(_judged(*["mill"] * 4))[0]


def test_as_many_as_are_allowed_are_rejects_of_their_own() -> None:
    verdict = _judged(*["mill,nowhere,2026-01-01T00:00:00Z,1,kWh"] * 2, "mill")
    assert (verdict.rows_accepted, verdict.rows_rejected) == (1, 3)


def test_batches_that_were_acknowledged_are_never_refused_whole() -> None:
    line = batch_line(*[record(site_id="nowhere")] * 5, record())
    verdict = judged(line + "\n", source=UploadSource.CEI_API, limits=FEW)
    assert (verdict.rows_accepted, verdict.rows_rejected) == (1, 5)
