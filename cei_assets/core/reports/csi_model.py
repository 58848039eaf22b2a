"""What the pages on the CSI-Thermal programme are made of: figures, each with its query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cei_assets.core.reports.model import Figure


@dataclass(frozen=True, kw_only=True)
class PerformanceData:
    """What the Performance Data List shows.

    `figures` has uploads, details, findings, attempts, summary, administrators, failing_rules and
    calendar. `pages` gives the page of a registered application, relative to this one; uploads
    of no registered application are on `other_page`. `archive` is the relative folder of the
    archived originals. `as_of` is UTC without zone.
    """

    as_of: datetime
    figures: Mapping[str, Figure]
    pages: Mapping[str, str]
    other_page: str
    archive: str


@dataclass(frozen=True, kw_only=True)
class ApplicationPage:
    """What the page of one application shows, or that of the uploads without one (None).

    `figures` has terms, calendar, details, findings, months and payments. `fingerprint` says from
    which rows the page was made. `main_page` and `archive` are relative addresses.
    """

    application_id: str | None
    figures: Mapping[str, Figure]
    fingerprint: str
    main_page: str
    archive: str


@dataclass(frozen=True, kw_only=True)
class Payments:
    """What the payment report shows.

    `figures` has runs, lines, subtotals, totals, unpaid, left_out, terms and settings. `pages`
    gives the page of an application; `as_of` is UTC without zone.
    """

    as_of: datetime
    figures: Mapping[str, Figure]
    pages: Mapping[str, str]
