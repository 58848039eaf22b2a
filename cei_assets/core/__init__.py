"""Floor 1: pure functions. No file, no clock, no dagster; DuckDB only on an in-memory connection."""
