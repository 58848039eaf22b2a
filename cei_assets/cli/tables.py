"""Prints query results as a table or as CSV."""

import sys

import duckdb
from pyarrow import csv
from rich.table import Table

from cei_assets.cli.console import console


def print_table(result: duckdb.DuckDBPyRelation, *, limit: int) -> None:
    """Print the first `limit` rows, and say so when there are more."""
    rows = result.limit(limit + 1).fetchall()
    table = Table(*result.columns, show_edge=False)
    for row in rows[:limit]:
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)
    if len(rows) > limit:
        console.print(f"[dim]first {limit} rows; --limit or --csv shows more[/dim]")


def print_csv(result: duckdb.DuckDBPyRelation) -> None:
    """Write all rows to the standard output."""
    with csv.CSVWriter(sys.stdout.buffer, result.to_arrow_table().schema) as writer:
        writer.write_table(result.to_arrow_table())
