"""Floor 1: pure functions, rule by rule. No file, no clock, no dagster.

DuckDB only on an in-memory connection that the caller gives.
"""
