"""What a report is made of: figures, each with the query that gives it, gathered by site."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One table or chart: its name, the SQL on the published marts, and what the SQL gave."""

    key: str
    sql: str
    table: pa.Table

    @property
    def rows(self) -> list[Row]:
        """The rows as dictionaries, in the query's order."""
        rows: list[Row] = self.table.to_pylist()
        return rows

    @property
    def is_empty(self) -> bool:
        """Whether the query gave no row."""
        return bool(self.table.num_rows == 0)


@dataclass(frozen=True, kw_only=True)
class SiteSection:
    """A site that the report shows in detail, with its own figures by key."""

    site_id: str
    site_name: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, kw_only=True)
class PilotReport:
    """Everything that the close-out report of one organization shows.

    `as_of` is the clock of the report, UTC without zone. `figures` concern the whole pilot;
    `sites` are those shown in detail, most avoidable energy first, `other_sites` the names of the
    rest.
    """

    organization_id: str
    organization_name: str
    as_of: datetime
    figures: Mapping[str, Figure]
    sites: tuple[SiteSection, ...] = ()
    other_sites: tuple[str, ...] = field(default_factory=tuple)
