"""Reads the published marts for the close-out report and writes the report's files."""

import hashlib
import re
from datetime import datetime
from pathlib import Path

import duckdb

from cei_assets.core.reports.model import Figure, PilotReport, Row, SiteSection
from cei_assets.core.reports.pilot_closeout import render_index, render_pilot_report
from cei_assets.settings import Settings
from cei_assets.storage.atomic import write_bytes
from cei_assets.storage.published import open_published
from cei_assets.storage.report_queries import (
    ORGANIZATIONS,
    PILOT_QUERIES,
    SITE_QUERIES,
    SITES,
    filled,
)

SITES_IN_DETAIL = 12


def write_closeout(settings: Settings, *, as_of: datetime) -> Path:
    """Write reports/pilot_closeout.html from the published marts; returns its path.

    One organization: its report. Several: a report each beside it, and this file links them, so
    that no organization's page holds another's figures. `as_of` is UTC without zone and is printed
    on the page. Raises NothingPublishedError when nothing is published yet.
    """
    paths = settings.paths
    main = paths.reports / "pilot_closeout.html"
    with open_published(paths) as connection:
        organizations = _rows(connection, ORGANIZATIONS)
        if len(organizations) == 1:
            report = read_pilot_report(connection, organizations[0], as_of=as_of)
            write_bytes(main, render_pilot_report(report).encode())
            return main
        pages = []
        for organization in organizations:
            report = read_pilot_report(connection, organization, as_of=as_of)
            name = f"pilot_closeout_{_file_part(report.organization_id)}.html"
            write_bytes(paths.reports / name, render_pilot_report(report).encode())
            pages.append((report.organization_name, name))
    write_bytes(main, render_index(pages, title="Pilot close-out reports").encode())
    return main


def read_pilot_report(
    connection: duckdb.DuckDBPyConnection, organization: Row, *, as_of: datetime
) -> PilotReport:
    """The tables of one organization's report; sites in detail are those with most to avoid."""
    organization_id = organization["organization_id"]
    sites = _rows(connection, filled(SITES, organization=organization_id))
    return PilotReport(
        organization_id=organization_id,
        organization_name=organization["organization_name"],
        as_of=as_of,
        figures={
            key: _figure(connection, key, filled(query, organization=organization_id))
            for key, query in PILOT_QUERIES.items()
        },
        sites=tuple(_site_section(connection, site) for site in sites[:SITES_IN_DETAIL]),
        other_sites=tuple(site["site_id"] for site in sites[SITES_IN_DETAIL:]),
    )


def _site_section(connection: duckdb.DuckDBPyConnection, site: Row) -> SiteSection:
    names = {"site": site["site_id"], "meter": site["main_meter_id"]}
    return SiteSection(
        site_id=site["site_id"],
        site_name=site["site_name"],
        figures={
            key: _figure(connection, key, filled(query, **names))
            for key, query in SITE_QUERIES.items()
        },
    )


def _figure(connection: duckdb.DuckDBPyConnection, key: str, query: str) -> Figure:
    return Figure(key=key, sql=query, table=connection.execute(query).to_arrow_table())


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    rows: list[Row] = connection.execute(query).to_arrow_table().to_pylist()
    return rows


def _file_part(identifier: str) -> str:
    """The identifier where it is a safe file name, otherwise its digest."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,80}", identifier):
        return identifier
    return hashlib.sha256(identifier.encode()).hexdigest()[:16]
