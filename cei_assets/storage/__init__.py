"""Floor 2: archive, receipts, Parquet store, build state, warehouse and published file.

Everything that touches the disk; no rule and no dagster.
"""
