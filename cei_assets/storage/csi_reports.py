"""Reads the published marts of the CSI-Thermal programme and writes its pages and its list."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pa_csv

from cei_assets.core.reports.csi_model import ApplicationPage, Payments, PerformanceData
from cei_assets.core.reports.csi_payments import render_payments
from cei_assets.core.reports.csi_performance import render_application, render_performance_data
from cei_assets.core.reports.model import Figure
from cei_assets.core.reports.spreadsheet_text import without_formulas
from cei_assets.settings import Settings
from cei_assets.storage.atomic import write_bytes
from cei_assets.storage.csi_payment_queries import PAYMENT_QUERIES
from cei_assets.storage.csi_report_queries import (
    APPLICATION_QUERIES,
    FINGERPRINTS,
    LIST_CSV,
    LIST_QUERIES,
    MAX_UNREGISTERED,
    NO_APPLICATION,
    ONE_APPLICATION,
    UNREGISTERED,
)
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.published import open_published
from cei_assets.storage.report_queries import filled, literal

MAIN_PAGE, LIST_FILE = "csi_performance_data.html", "csi_performance_data.csv"
PAYMENTS_PAGE = "csi_payments.html"
_FOLDER = "csi"
_HEAD_BYTES = 400
_PAGES_AT_ONCE = 200
_FINGERPRINT = re.compile(rb'name="fingerprint" content="([^"]+)"')


def main_pages(paths: DataPaths) -> tuple[Path, ...]:
    """The pages that people open first."""
    return paths.reports / MAIN_PAGE, paths.reports / PAYMENTS_PAGE


def write_csi_reports(settings: Settings, *, as_of: datetime) -> tuple[Path, ...]:
    """Write the programme's pages below reports/ from the published marts; returns the files.

    `csi_performance_data.html` and `.csv`, `csi_payments.html`, and a page per application in
    `csi/`, which is written again when its rows have changed. `as_of` is UTC without zone and is
    printed. Raises NothingPublishedError when nothing is published yet.
    """
    reports = settings.paths.reports
    with open_published(settings.paths) as connection:
        fingerprints = _fingerprints(connection)
        pages = {
            page: f"{_FOLDER}/{_file_name(page)}" for page in fingerprints if page != UNREGISTERED
        }
        main = PerformanceData(
            as_of=as_of,
            figures=_figures(connection, LIST_QUERIES),
            pages=pages,
            other_page=f"{_FOLDER}/{UNREGISTERED}.html",
            archive=_archive(settings.paths, reports),
        )
        write_bytes(reports / MAIN_PAGE, render_performance_data(main).encode())
        payments = Payments(as_of=as_of, figures=_figures(connection, PAYMENT_QUERIES), pages=pages)
        write_bytes(reports / PAYMENTS_PAGE, render_payments(payments).encode())
        write_bytes(reports / LIST_FILE, list_csv(_table(connection, LIST_CSV)))
        application_pages = tuple(_application_pages(connection, settings.paths, fingerprints))
    return (
        reports / MAIN_PAGE,
        reports / PAYMENTS_PAGE,
        reports / LIST_FILE,
        *application_pages,
    )


def list_csv(table: pa.Table) -> bytes:
    """A table as CSV in UTF-8, safe to open in a spreadsheet (rule CSI-W08)."""
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(without_formulas(table), sink)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _application_pages(
    connection: duckdb.DuckDBPyConnection, paths: DataPaths, fingerprints: Mapping[str, str]
) -> Iterator[Path]:
    """The pages of all applications; those whose rows are as they were stay as they are."""
    folder = paths.reports / _FOLDER
    changed = [
        name
        for name, fingerprint in fingerprints.items()
        if _written_fingerprint(folder / _file_name(name)) != fingerprint
    ]
    for name, figures in _page_figures(connection, changed):
        page = ApplicationPage(
            application_id=None if name == UNREGISTERED else name,
            figures=figures,
            fingerprint=fingerprints[name],
            main_page=f"../{MAIN_PAGE}",
            archive=_archive(paths, folder),
        )
        write_bytes(folder / _file_name(name), render_application(page).encode())
    yield from (folder / _file_name(name) for name in fingerprints)


def _page_figures(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str]
) -> Iterator[tuple[str, dict[str, Figure]]]:
    """The figures of every page; each query runs once for many pages and is printed for one."""
    registered = [name for name in names if name != UNREGISTERED]
    for start in range(0, len(registered), _PAGES_AT_ONCE):
        batch = registered[start : start + _PAGES_AT_ONCE]
        scope = f"application_id IN ({', '.join(literal(name) for name in batch)})"
        tables = {key: _table(connection, query) for key, query in _scoped(scope).items()}
        for name in batch:
            of_page = _scoped(filled(ONE_APPLICATION, application=name))
            yield (
                name,
                {
                    key: Figure(
                        key=key,
                        sql=of_page[key],
                        table=table.filter(pc.equal(table["application_id"], name)),
                    )
                    for key, table in tables.items()
                },
            )
    if UNREGISTERED in names:
        queries = _scoped(NO_APPLICATION)
        queries["details"] += f"\nLIMIT {MAX_UNREGISTERED}"
        yield UNREGISTERED, _figures(connection, queries)


def _scoped(scope: str) -> dict[str, str]:
    return {key: query.replace("$scope", scope) for key, query in APPLICATION_QUERIES.items()}


def _fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What each page would be made from: its rows, and how pages are made."""
    rows = connection.execute(FINGERPRINTS).fetchall()
    making = _making()
    return {
        page: hashlib.sha256(f"{rows_digest} {making}".encode()).hexdigest()[:32]
        for page, rows_digest in rows
    }


@cache
def _making() -> str:
    """Digest of the templates and queries that make a page."""
    folder = files("cei_assets.core.reports")
    digest = hashlib.sha256(repr(APPLICATION_QUERIES).encode())
    for part in sorted((folder / "templates").iterdir(), key=lambda file: file.name):
        digest.update(part.read_bytes())
    for name in ("csi_columns.py", "csi_uploads.py", "csi_calendar.py", "formats.py"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _written_fingerprint(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            found = _FINGERPRINT.search(opened.read(_HEAD_BYTES))
    except FileNotFoundError:
        return None
    return found[1].decode() if found else None


def _file_name(page: str) -> str:
    """A page's file; an id that is no plain name gets a digest, so that it names no other path."""
    if page == UNREGISTERED or re.fullmatch(r"[A-Z0-9][A-Z0-9-]{0,60}", page):
        return f"{page}.html"
    return f"x-{hashlib.sha256(page.encode()).hexdigest()[:16]}.html"


def _archive(paths: DataPaths, folder: Path) -> str:
    """Relative address of the archive from a folder of pages."""
    archive = paths.archived("0" * 64).parents[1]
    return Path(os.path.relpath(archive, folder)).as_posix()


def _figures(
    connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str]
) -> dict[str, Figure]:
    return {
        key: Figure(key=key, sql=query, table=_table(connection, query))
        for key, query in queries.items()
    }


def _table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.execute(query).to_arrow_table()
