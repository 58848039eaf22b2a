"""What was injected, written beside the data, and how much of it was found."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.simulation.pilot import SimulatedPilot
from cei_assets.simulation.waste import MEASURE
from cei_assets.storage.atomic import write_bytes
from cei_assets.storage.paths import DataPaths

TRUTH_FILE = "truth.json"


@dataclass(frozen=True, kw_only=True)
class InjectedWaste:
    """One injection over the intervals that were delivered; `kwh` is negative for the measure.

    `first_local` and `last_local` are starts of its first and last interval on the site's clock.
    """

    name: str
    site_id: str
    meter_id: str
    rule: str
    description: str
    first_local: datetime
    last_local: datetime
    hours: float
    kwh: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Injected beside found energy, kWh.

    `found_kwh` is the excess of episodes of the same meter and rule that overlap the injection,
    `found_any_rule_kwh` what counts in totals of overlapping episodes of any rule.
    """

    injected: InjectedWaste
    episodes: int
    found_kwh: float
    found_any_rule_kwh: float


def truth_of(pilot: SimulatedPilot) -> tuple[InjectedWaste, ...]:
    """Every injection with the energy it added to what was delivered."""
    delivered = pilot.readings.filter(pilot.readings["is_delivered"])
    found = []
    for injection in pilot.injections:
        rows = delivered.filter(
            pc.and_(
                pc.equal(delivered["site_id"], injection.site_id),
                pc.equal(delivered["meter_id"], injection.meter_id),
            )
        )
        added_wh = np.asarray(rows["usage_wh"]) - np.asarray(rows["clean_wh"])
        touched = rows.filter(pa.array(added_wh != 0))
        local = touched["interval_start_local"]
        found.append(
            InjectedWaste(
                name=injection.name,
                site_id=injection.site_id,
                meter_id=injection.meter_id,
                rule=injection.rule,
                description=injection.description,
                first_local=pc.min(local).as_py(),
                last_local=pc.max(local).as_py(),
                hours=float(pc.sum(touched["interval_seconds"]).as_py()) / 3600,
                kwh=float(added_wh.sum()) / 1000,
            )
        )
    return tuple(found)


def write_truth(truth: Sequence[InjectedWaste], *, paths: DataPaths) -> None:
    """Write `demo/truth.json` below the data folder."""
    write_bytes(
        paths.root / "demo" / TRUTH_FILE,
        orjson.dumps([asdict(injected) for injected in truth], option=orjson.OPT_INDENT_2),
    )


def read_truth(paths: DataPaths) -> tuple[InjectedWaste, ...]:
    """What `write_truth` wrote."""
    rows = orjson.loads((paths.root / "demo" / TRUTH_FILE).read_bytes())
    return tuple(
        InjectedWaste(
            **row
            | {name: datetime.fromisoformat(row[name]) for name in ("first_local", "last_local")}
        )
        for row in rows
    )


def truth_comparison(truth: Sequence[InjectedWaste], episodes: pa.Table) -> tuple[Comparison, ...]:
    """Waste injected beside waste found; the measure is compared with avoided energy elsewhere.

    `episodes` has the columns of `fct_anomaly_episodes`.
    """
    return tuple(_compare(injected, episodes) for injected in truth if injected.rule != MEASURE)


def _compare(injected: InjectedWaste, episodes: pa.Table) -> Comparison:
    overlapping = episodes.filter(
        pc.and_(
            pc.and_(
                pc.equal(episodes["site_id"], injected.site_id),
                pc.equal(episodes["meter_id"], injected.meter_id),
            ),
            pc.and_(
                pc.less_equal(episodes["first_interval_local"], _instant(injected.last_local)),
                pc.greater_equal(episodes["last_interval_local"], _instant(injected.first_local)),
            ),
        )
    )
    same_rule = overlapping.filter(pc.equal(overlapping["rule"], injected.rule))
    return Comparison(
        injected=injected,
        episodes=same_rule.num_rows,
        found_kwh=_sum(same_rule["excess_kwh"]),
        found_any_rule_kwh=_sum(overlapping["counted_kwh"]),
    )


def _instant(moment: datetime) -> pa.Scalar:
    return pa.scalar(moment, pa.timestamp("us"))


def _sum(values: pa.ChunkedArray) -> float:
    return float(pc.sum(values).as_py() or 0.0)
