"""Temperature drops."""

import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import TEMPERATURES
from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.intake.verdict import Verdict
from tests.intake_drops import at, codes, details, judged


def _judged(content: str, sidecar: str | None = None) -> Verdict:
    return judged(content, source=UploadSource.TEMPERATURE, sidecar=sidecar)


def _kept(verdict: Verdict) -> list[tuple[object, ...]]:
    assert verdict.temperatures is not None
    table = verdict.temperatures
    assert table.schema.equals(arrow_schema(TEMPERATURES))
    names = ("site_id", "station_id", "observed_at_utc", "temperature_c")
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def test_sites_and_stations_may_be_named() -> None:
    verdict = _judged(
        "site,station,time,temperature\n"
        "mill,,2026-01-01T00:20:00Z,-3.5\n"
        ",LIML,2026-01-01T00:00:00+01:00,1e1\n"
    )
    assert _kept(verdict) == [
        ("mill", None, at("2026-01-01T00:20"), -3.5),
        (None, "LIML", at("2025-12-31T23:00"), 10.0),
    ]


def test_rules_of_place_time_and_value() -> None:
    verdict = _judged(
        "site_id,station_id,timestamp_utc,temperature_c\n"
        ",,2026-01-01T00:00:00Z,1\n"
        "nowhere,,2026-01-01T00:00:00Z,1\n"
        ",XXXX,2026-01-01T00:00:00Z,1\n"
        "mill,,2026-01-01,1\n"
        "mill,,2026-01-01T00:00:00Z,\n"
        "mill,,2026-01-01T00:00:00Z,nan\n"
        "mill,,2026-01-01T00:00:00Z,65.1\n"
        "mill,,2026-01-01T00:00:00Z,-90.1\n"
        "mill,,2026-01-01T00:00:00Z,65\n"
        "mill,,2027-01-01T00:00:00Z,5\n"
    )
    assert [code for _, code in codes(verdict)] == [
        "UNKNOWN_SITE", "UNKNOWN_SITE", "UNKNOWN_SITE", "INVALID_TIMESTAMP", "INVALID_VALUE",
        "INVALID_VALUE", "INVALID_VALUE", "INVALID_VALUE", "INVALID_TIMESTAMP",
    ]  # fmt: skip
    assert verdict.rejects["column_name"].to_pylist()[4] == "temperature_c"
    assert len(_kept(verdict)) == 1


def test_duplicates_are_counted_and_conflicts_refused() -> None:
    verdict = _judged(
        "station_id,timestamp_utc,temperature_c\n"
        "LIML,2026-01-01T00:00:00Z,1.0\n"
        "LIML,2026-01-01T01:00:00+01:00,1\n"
        "LIML,2026-01-01T00:00:00Z,2\n"
    )
    assert verdict.rows_exact_duplicate == 1
    assert codes(verdict) == [(4, "DUPLICATE_IDEMPOTENCY_KEY")]
    assert "already on line 2" in details(verdict)[0]


def test_the_station_of_another_organization_s_site_is_hidden() -> None:
    verdict = _judged(
        "site_id,timestamp_utc,temperature_c\nworks,2026-01-01T00:00:00Z,1\n",
        sidecar='{"organization_id": "acme"}',
    )
    assert codes(verdict) == [(2, "ORG_MISMATCH")]
    assert details(verdict) == ["site_id 'works' is not in the register"]


def test_a_header_without_place_refuses_the_file() -> None:
    verdict = _judged("timestamp_utc,temperature_c\n2026-01-01T00:00:00Z,1\n")
    assert codes(verdict) == [(1, "MALFORMED_FILE")]
    assert "site_id or station_id" in details(verdict)[0]


def test_a_header_alone_is_accepted() -> None:
    verdict = _judged("site_id,timestamp_utc,temperature_c\n")
    assert (verdict.status, verdict.rows_read) == ("accepted", 0)


@pytest.mark.parametrize(
    ("sidecar", "owners"),
    [(None, ["other", None]), ('{"organization_id": "acme"}', ["acme", "acme"])],
    ids=["no sender named", "sender named"],
)
def test_rejects_belong_to_their_sender_or_else_to_the_owner_of_the_place(
    sidecar: str | None, owners: list[str | None]
) -> None:
    verdict = _judged(
        "site_id,timestamp_utc,temperature_c\n"
        "works,2026-01-01T00:00:00Z,warm\nnowhere,2026-01-01T00:00:00Z,1\n",
        sidecar=sidecar,
    )
    assert verdict.rejects["organization_id"].to_pylist() == owners
