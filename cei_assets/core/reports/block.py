"""A figure made ready for a page: a table or a drawing with its words and its query."""

from collections.abc import Sequence
from dataclasses import dataclass

from cei_assets.core.reports.columns import Cell, Shown, cell
from cei_assets.core.reports.model import Figure


@dataclass(frozen=True, kw_only=True)
class Block:
    """A figure made ready for the page: a table or a drawing, its words and its query."""

    key: str
    title: str
    note: str
    sql: str
    empty: str
    headings: Sequence[Shown] = ()
    rows: Sequence[Sequence[Cell]] = ()
    rows_left_out: int = 0
    drawing: str = ""
    caption: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.rows and not self.drawing


def table_block(
    figure: Figure,
    *,
    columns: Sequence[Shown],
    title: str,
    empty: str,
    note: str = "",
    limit: int | None = None,
) -> Block:
    """The figure's first `limit` rows as a table; all of them without a limit."""
    shown_rows = figure.table.num_rows if limit is None else min(limit, figure.table.num_rows)
    rows = figure.table.slice(0, shown_rows).to_pylist()
    return Block(
        key=figure.key,
        title=title,
        note=note,
        sql=figure.sql,
        empty=empty,
        headings=columns,
        rows=[[cell(column, row) for column in columns] for row in rows],
        rows_left_out=figure.table.num_rows - shown_rows,
    )
