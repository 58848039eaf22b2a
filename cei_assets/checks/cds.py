"""Checks on customer data: bills, versions, directions, freshness, mapping."""

from collections.abc import Sequence
from typing import Any

import duckdb

from cei_assets.checks.verdict import CheckVerdict, verdict_of
from cei_assets.core.cds.directions import TOLERANCE_KWH

DAILY_SECONDS = 90_000
"""Intervals up to this length count as daily, also on the day of 25 h; so does a daily refresh."""
WEEKLY_SECONDS = 7 * 86_400 + 3_600


def bills_agree_with_meters(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """Billed electric use is the metered use of the same local days, where both are known.

    The tolerance is `bill_tolerance` of the dbt project (macros/cds_bills.sql).
    """
    rows = _rows(
        connection,
        """
        select cds_server, cds_billsection_id, account_number, section_start_date::varchar as
            first_day, section_end_date::varchar as last_day, timezone,
            billed_kwh::varchar as billed_kwh, metered_use_kwh::varchar as metered_kwh,
            bill_difference_kwh::varchar as difference_kwh,
            bill_difference_percent::varchar as difference_percent,
            covered_share::varchar as covered_share, estimated_share::varchar as estimated_share
        from marts.fct_cds_bills_metered
        where is_comparable and not is_within_tolerance
        order by abs(bill_difference_kwh) desc, cds_server, cds_billsection_id
        """,
    )
    [(compared,)] = connection.execute(
        "select count(*) from marts.fct_cds_bills_metered where is_comparable"
    ).fetchall()
    return verdict_of(
        [
            "{cds_server} section {cds_billsection_id}, {first_day} to {last_day} ({timezone}): "
            "billed {billed_kwh} kWh, metered {metered_kwh} kWh, difference {difference_kwh} kWh "
            "({difference_percent} %)".format_map(row)
            for row in rows
        ],
        expected="billed use within tolerance of the metered use of the same local days",
        none_found=f"so for all {compared} sections that can be compared",
        rows=rows,
    )


def bills_add_up(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """Unpaid balance and included charges are the amount due, and lines are their section's total.

    The first is a rule of CDS-WG3-01; both hold where the bodies give the amounts.
    """
    offenders = connection.execute(
        """
        select format('{} bill {} of {}: due {} {}, unpaid balance {} and charges {} make {}',
            cds_server, cds_billstatement_id, statement_date::varchar, amount_due::varchar,
            currency, previous_balance_unpaid::varchar, included_charges_amount::varchar,
            (amount_due - unexplained_amount)::varchar)
        from marts.fct_cds_bills where not is_balanced and not is_withdrawn
        union all
        select format('{} section {}, {} to {}: lines sum to {} {}, its total is {}',
            cds_server, cds_billsection_id, section_start_date::varchar,
            section_end_date::varchar, lines_amount::varchar, currency, section_total::varchar)
        from marts.fct_cds_bill_sections where section_difference <> 0 and not is_withdrawn
        order by 1
        """
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected="amounts due and totals of sections that are the sum of what they hold",
        none_found="so for every bill that gives the amounts",
    )


def changes_are_told(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """No server changed an object without moving cds_modified; the later observation then holds."""
    offenders = connection.execute(
        """
        select format('{} {} {}: other content with the same cds_modified {}', cds_server,
            object_kind, cds_object_id, cds_modified_utc::varchar)
        from intermediate.int_cds_object_versions where is_modified_repeated
        union all
        select format('{} usage segment {} from {}: other content with the same cds_modified {}',
            cds_server, cds_usagesegment_id, segment_start_utc::varchar, cds_modified_utc::varchar)
        from marts.fct_usage_segments where has_same_modified
        group by cds_server, cds_usagesegment_id, segment_start_utc, cds_modified_utc
        order by 1
        """
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected="a later cds_modified for every other content",
        none_found="so for every version",
    )


def segment_ids_are_of_one_start(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """No server uses an id for segments of several starts; such segments are kept apart."""
    offenders = connection.execute(
        """
        select format('{} usage segment {}: {} starts, from {} to {}', cds_server,
            cds_usagesegment_id, count(distinct segment_start_utc),
            min(segment_start_utc)::varchar, max(segment_start_utc)::varchar)
        from marts.fct_usage_segments where is_id_reused
        group by cds_server, cds_usagesegment_id order by 1
        """
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected="one start for every segment id",
        none_found="so for every segment",
    )


def net_is_forward_plus_reverse(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """Where a thing has all three for an interval, net is forward plus reverse (reverse <= 0)."""
    offenders = connection.execute(
        """
        with directions as (
            select cds_server, cds_resource, cds_interval_seconds, interval_start_utc,
                max(energy_kwh) filter (where flow_direction = 'net') as net,
                max(energy_kwh) filter (where flow_direction = 'forward') as forward,
                max(energy_kwh) filter (where flow_direction = 'reverse') as reverse
            from intermediate.int_cds_energy
            where flow_direction is not null and abs(energy_kwh) < 1000000000000000
            group by all
        )
        select format('{} {}: {} intervals of {} s, first {}: net {} kWh, forward {}, reverse {}{}',
            cds_server, cds_resource, count(*), cds_interval_seconds::varchar,
            min(interval_start_utc)::varchar, min_by(net, interval_start_utc)::varchar,
            min_by(forward, interval_start_utc)::varchar,
            min_by(reverse, interval_start_utc)::varchar,
            case when bool_and(abs(net - forward + reverse) <= $tolerance)
                then '; reverse is sent with the other sign' else '' end)
        from directions where abs(net - forward - reverse) > $tolerance
        group by cds_server, cds_resource, cds_interval_seconds
        order by count(*) desc, cds_server, cds_resource
        """,
        {"tolerance": TOLERANCE_KWH},
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected=f"net = forward + reverse, give or take {TOLERANCE_KWH} kWh",
        none_found="so wherever all three are there",
    )


def sources_are_checked_in_time(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """Servers check their source daily for intervals of up to 25 h, and weekly for longer ones.

    Looks at the newest `cds_synced` of a thing when it was last observed: it must be no older than
    the obligation. Dialects without `cds_synced` have none.
    """
    offenders = connection.execute(
        """
        with held as (
            select segments.cds_server, formats.cds_resource,
                segments.cds_interval_seconds <= $daily as is_daily,
                max(segments.last_synced_utc) as synced_utc, max(segments.last_seen_utc) as seen_utc
            from marts.fct_usage_segments as segments
            inner join intermediate.int_cds_formats_held as formats using (segment_version_id)
            where segments.version_status = 'current'
            group by all
        )
        select format('{} {}: last checked {} when it was observed {}; {} is expected',
            cds_server, cds_resource, synced_utc::varchar, seen_utc::varchar,
            case when is_daily then 'daily' else 'weekly' end)
        from held
        where seen_utc - synced_utc > to_seconds(case when is_daily then $daily else $weekly end)
        order by seen_utc - synced_utc desc, cds_server, cds_resource
        """,
        {"daily": DAILY_SECONDS, "weekly": WEEKLY_SECONDS},
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected="cds_synced within 25 h of the observation, within a week for intervals over 25 h",
        none_found="so for everything that states it",
    )


def usage_feeds_the_readings(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """Every electric series leads to a meter of the register; what does not says what to add."""
    rows = _rows(
        connection,
        """
        select cds_server, cds_resource, cds_interval_seconds::varchar as seconds, obstacle,
            coalesce(obstacle_line, '') as to_add, row_count, rows_kwh::varchar as kwh
        from marts.rpt_cds_unmapped
        order by row_count desc, cds_server, cds_resource, obstacle
        """,
    )
    return verdict_of(
        [_unread(row) for row in rows],
        expected="every electric series mapped to a meter in cds_meters.csv",
        none_found="so for every series",
        rows=rows,
    )


def _unread(row: dict[str, Any]) -> str:
    place = f"{row['cds_server']} {row['cds_resource']} ({row['seconds']} s)"
    found = f"{place}: {row['obstacle']}; {row['row_count']} intervals"
    return f"{found}; add {row['to_add']}" if row["to_add"] else found


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _texts(rows: Sequence[tuple[str]]) -> list[str]:
    return [text for (text,) in rows]
