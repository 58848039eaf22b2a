"""The simulated pilot that several tests look at, made once."""

from datetime import date
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.simulation.pilot import SimulatedPilot, simulate_pilot

FIRST_DAY = date(2025, 10, 1)
END_DAY = date(2026, 11, 1)


@cache
def pilot() -> SimulatedPilot:
    """Thirteen months with two autumn clock changes and one in spring."""
    return simulate_pilot(seed=7, first_day=FIRST_DAY)


def of_meter(readings: pa.Table, site_id: str, meter_id: str) -> pa.Table:
    """The readings of one meter, in their order."""
    return readings.filter(
        pc.and_(pc.equal(readings["site_id"], site_id), pc.equal(readings["meter_id"], meter_id))
    )
