"""Floor 4, Dagster only: assets by layer, checks, jobs, schedules, sensors, resources.

No rule lives here: an asset body reads, calls a function of a lower floor, writes, reports.
"""

import warnings

import dagster as dg

# Backfill policies (beta) and partitioned checks (preview) are used on purpose; the lock file pins
# the version, and a person at the command line can do nothing about the notice.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)
