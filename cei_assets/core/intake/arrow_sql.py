"""DuckDB SQL over Arrow tables that are named for the length of one statement."""

from collections.abc import Mapping

import duckdb
import pyarrow as pa


def select(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    *,
    tables: Mapping[str, pa.Table],
    parameters: Mapping[str, object] | None = None,
) -> pa.Table:
    """Rows of a query over `tables`; `parameters` are bound to `$name` in the SQL."""
    for name, table in tables.items():
        connection.register(name, table)
    try:
        return connection.execute(sql, dict(parameters or {})).to_arrow_table()
    finally:
        for name in tables:
            connection.unregister(name)
