"""Which months have to be judged: those whose input differs from when they were judged."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import orjson

from cei_assets.core.analysis import AnalysisSettings
from cei_assets.settings import Settings
from cei_assets.storage.atomic import write_bytes
from cei_assets.storage.duckdb_session import connect

# Baselines look back 365 days, so a month's verdict rests on itself and the twelve before it.
MONTHS_BEHIND = 12

# bit_xor does not depend on the order of rows, so equal content gives an equal digest.
_CONTENT_SQL = """
    with used as (
        select usage_month, bit_xor(hash(
            site_id, meter_id, hour_start_utc, hour_usage_kwh, is_complete
        )) as digest
        from marts.fct_usage_hourly group by usage_month
    ),
    around as (
        select usage_month, bit_xor(hash(
            site_id, hour_start_utc, is_operating, is_working_day, is_holiday, is_closure,
            has_operating_hours, temperature_c
        )) as digest
        from intermediate.int_site_hours group by usage_month
    ),
    tree as (
        select bit_xor(hash(site_id, meter_id, role, parent_meter_id)) as digest
        from marts.dim_meters
    )
    select used.usage_month, used.digest, around.digest, tree.digest
    from used
    left join around using (usage_month)
    cross join tree
    order by used.usage_month
"""


def months_to_judge(*, settings: Settings, analysis: AnalysisSettings) -> list[date]:
    """Months with usage whose input has changed since they were judged, in order."""
    known = _read(_state_file(settings))
    return [
        month
        for month, digest in _digests(settings=settings, analysis=analysis).items()
        if known.get(month.isoformat()) != digest
    ]


def newest_month(*, settings: Settings) -> date | None:
    """The newest month with usage; None when there is none."""
    with connect(settings.paths.warehouse, read_only=True, settings=settings.session) as connection:
        rows = connection.execute("select max(usage_month) from marts.fct_usage_hourly").fetchall()
    month: date | None = rows[0][0]
    return month


def digests_of(
    months: Sequence[date], *, settings: Settings, analysis: AnalysisSettings
) -> dict[date, str]:
    """Digest of what the verdict of each given month rests on; months without usage are absent."""
    digests = _digests(settings=settings, analysis=analysis)
    return {month: digests[month] for month in months if month in digests}


def remember_judged(digests: Mapping[date, str], *, settings: Settings) -> None:
    """Note that the months have been judged on input with these digests."""
    file = _state_file(settings)
    known = _read(file) | {month.isoformat(): digest for month, digest in digests.items()}
    write_bytes(file, orjson.dumps(known, option=orjson.OPT_SORT_KEYS))


def _digests(*, settings: Settings, analysis: AnalysisSettings) -> dict[date, str]:
    with connect(settings.paths.warehouse, read_only=True, settings=settings.session) as connection:
        rows = connection.execute(_CONTENT_SQL).fetchall()
    content = {month: f"{used}-{around}-{tree}" for month, used, around, tree in rows}
    return {
        month: hashlib.sha256(
            "|".join(
                [repr(analysis)]
                + [
                    f"{other}:{content[other]}"
                    for other in content
                    if 0 <= _months_between(other, month) <= MONTHS_BEHIND
                ]
            ).encode()
        ).hexdigest()
        for month in content
    }


def _months_between(first: date, second: date) -> int:
    return (second.year - first.year) * 12 + second.month - first.month


def _state_file(settings: Settings) -> Path:
    return settings.paths.state / "analysis.json"


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    known: dict[str, str] = orjson.loads(file.read_bytes())
    return known
