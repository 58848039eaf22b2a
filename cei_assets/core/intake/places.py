"""Sites and meters: which registered meter a row means, or why it means none."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cei_assets.contracts.vocabulary import IntervalLabel
from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.intake.coded import coded, distinct
from cei_assets.core.intake.grids import Grid, clock_grid

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Meters:
    """The registered meters, sorted by site and meter; arrays of one element a meter.

    `site_id`, `meter_id` and `organization_id` are dictionary-encoded, every text once, since Arrow
    writes a dictionary that repeats a text as plain text. Number arrays have one element more, so
    that index -1 reads harmless values for no meter. `label_shift` is subtracted from a received
    timestamp to reach the interval's start. `grid` indexes the distinct `grids`: an interval lies
    on the grid of the site's clock, which differs from the UTC grid only where the offset is no
    multiple of the interval.
    """

    table: pa.Table
    site_id: pa.DictionaryArray
    meter_id: pa.DictionaryArray
    organization_id: pa.DictionaryArray
    interval_seconds: Integers
    label_shift: Integers
    grid: Integers
    grids: tuple[Grid, ...]


_METERS = """
SELECT row_number() OVER (ORDER BY site_id, meter_id) - 1 AS meter,
       site_id, meter_id, organization_id, timezone, interval_seconds, interval_label
FROM register_meters JOIN register_sites USING (site_id)
ORDER BY meter
"""


def registered_meters(
    connection: duckdb.DuckDBPyConnection,
    *,
    register: Mapping[str, pa.Table],
    year: int,
) -> Meters:
    """The meters of a validated register; their clocks are those of `year` and around it."""
    table = select(
        connection,
        _METERS,
        tables={"register_meters": register["meters"], "register_sites": register["sites"]},
    )
    interval = table["interval_seconds"].to_numpy().astype(np.int64)
    is_end = np.asarray(table["interval_label"].to_pylist(), object) == IntervalLabel.END.value
    label_shift = np.where(is_end, interval, 0)
    every = [
        clock_grid(zone, interval_seconds=seconds, label_shift=shift, year=year)
        for zone, seconds, shift in zip(
            table["timezone"].to_pylist(), interval.tolist(), label_shift.tolist(), strict=True
        )
    ]
    grids = tuple(dict.fromkeys(every))
    number = {grid: index for index, grid in enumerate(grids)}
    return Meters(
        table=table.select(["meter", "site_id", "meter_id"]),
        site_id=_encoded(table["site_id"]),
        meter_id=_encoded(table["meter_id"]),
        organization_id=_encoded(table["organization_id"]),
        interval_seconds=np.r_[interval, 1],
        label_shift=np.r_[label_shift, 0],
        grid=np.array([*(number[grid] for grid in every), len(grids)], np.int64),
        grids=grids,
    )


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.combine_chunks().dictionary_encode()


@dataclass(frozen=True, kw_only=True)
class Places:
    """Which meter every row means: `group` (rows,) numbers the distinct places of `verdicts`.

    `meter` (rows,) indexes the registered meters, -1 where the row means none. `verdicts` has
    columns site_problem, is_foreign, meter_problem and organization_id, one row a distinct place;
    the organization is the sender's, or that of the registered site where no sender is known.
    """

    group: Integers
    meter: Integers
    verdicts: pa.Table


_PLACES = """
WITH named AS (
    SELECT *,
           CASE WHEN site_id_type IS NULL THEN trim(site_id) END AS site_name,
           CASE WHEN meter_id_type IS NULL THEN trim(meter_id) END AS meter_name
    FROM places
),
found AS (
    SELECT named.*, sites.site_id AS known_site, sites.organization_id AS owner_id,
           coalesce(sites.organization_id <> named.organization_id, false) AS is_foreign
    FROM named LEFT JOIN register_sites AS sites ON sites.site_id = named.site_name
)
SELECT found.place,
       coalesce(meters.meter, -1) AS meter,
       CASE
           WHEN site_id_type IS NOT NULL THEN 'site_id is ' || site_id_type || ', not text'
           WHEN found.site_id IS NULL THEN 'site_id is missing'
           WHEN site_name = '' THEN 'site_id is blank'
           WHEN known_site IS NULL OR is_foreign
               THEN 'site_id ''' || left(found.site_id, 100) || ''' is not in the register'
       END AS site_problem,
       is_foreign,
       coalesce(found.organization_id, found.owner_id) AS organization_id,
       CASE
           WHEN meter_id_type IS NOT NULL THEN 'meter_id is ' || meter_id_type || ', not text'
           WHEN found.meter_id IS NULL THEN 'meter_id is missing'
           WHEN meter_name = '' THEN 'meter_id is blank'
           WHEN known_site IS NULL OR is_foreign THEN NULL
           WHEN meters.meter IS NULL
               THEN 'meter_id ''' || left(found.meter_id, 100)
                    || ''' is not registered at site ''' || known_site || ''''
       END AS meter_problem
FROM found
LEFT JOIN known_meters AS meters
    ON meters.site_id = known_site AND meters.meter_id = meter_name AND NOT is_foreign
ORDER BY found.place
"""
_PLACE_COLUMNS = ("organization_id", "site_id", "site_id_type", "meter_id", "meter_id_type")


def find_places(
    connection: duckdb.DuckDBPyConnection,
    *,
    rows: pa.Table,
    register: Mapping[str, pa.Table],
    meters: Meters,
) -> Places:
    """The meters that `rows` mean; codes UNKNOWN_SITE, ORG_MISMATCH and UNKNOWN_METER.

    A site of another organization than the one `organization_id` names reads like an unknown one,
    and nothing is said of its meters.
    """
    found = distinct([coded(rows[name]) for name in _PLACE_COLUMNS])
    places = rows.select(_PLACE_COLUMNS).take(found.example)
    places = pa.table(
        {
            **{name: plain(places[name]) for name in _PLACE_COLUMNS},
            "place": np.arange(len(found.example)),
        }
    )
    verdicts = select(
        connection,
        _PLACES,
        tables={
            "places": places,
            "register_sites": register["sites"],
            "known_meters": meters.table,
        },
    )
    meter = verdicts["meter"].to_numpy().astype(np.int32)
    return Places(
        group=found.group,
        meter=meter[found.group],
        verdicts=verdicts.select(
            ["site_problem", "is_foreign", "meter_problem", "organization_id"]
        ),
    )


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without dictionary encoding."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
