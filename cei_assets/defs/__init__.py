"""Floor 4, Dagster only: assets by layer, checks, jobs, schedules, sensors, resources.

No rule lives here: an asset body reads, calls a function of a lower floor, writes, reports.
"""
