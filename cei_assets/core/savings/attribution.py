"""Avoidable energy without double counting: one rule a meter hour, no kWh again upstream."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import AVOIDABLE_HOURS
from cei_assets.core.baseline.arrays import FloatArray, IntArray
from cei_assets.core.baseline.frame import finite, whole_hours
from cei_assets.core.detection.rules import RULE_ORDER


def attribute_avoidable(*, flagged_hours: pa.Table, meters: pa.Table) -> pa.Table:
    """The part of every flagged hour that counts in totals (schema `avoidable_hours`).

    A meter hour goes to the rule with the largest excess, ties to the first in `RULE_ORDER`. Going
    up the tree, a meter counts what its excess exceeds the counted excess of all meters below it,
    so that a site's hour counts max(own excess, sum over children) at every node. The interval
    shrinks in proportion. Rows that count nothing are left out. `meters` needs site_id, meter_id,
    parent_meter_id and tree_depth; raises ValueError for a flagged meter that it lacks.
    """
    rows = flagged_hours.take(pa.array(_best_rule(flagged_hours)))
    node, parent, depth = _tree(meters)
    own = _codes(rows, node)
    excess = finite(rows["excess_kwh"])
    counted = _counted(own, whole_hours(rows["hour_start_utc"]), excess, parent, depth)
    share = counted / np.where(excess > 0, excess, 1.0)
    result = pa.table(
        {
            "site_id": rows["site_id"],
            "meter_id": rows["meter_id"],
            "rule": rows["rule"],
            "hour_start_utc": rows["hour_start_utc"],
            "usage_month": rows["usage_month"],
            "counted_kwh": counted,
            "counted_low_kwh": finite(rows["excess_low_kwh"]) * share,
            "counted_high_kwh": finite(rows["excess_high_kwh"]) * share,
        }
    )
    counts = result.filter(pa.array(counted > 0.0))
    return counts.sort_by(
        [(name, "ascending") for name in ("site_id", "meter_id", "hour_start_utc")]
    ).cast(arrow_schema(AVOIDABLE_HOURS))


def _best_rule(flagged: pa.Table) -> IntArray:
    """Row numbers of the rule that gets each meter hour."""
    rule = pc.index_in(flagged["rule"], value_set=pa.array([str(rule) for rule in RULE_ORDER]))
    keys = (
        rule.to_numpy(),
        -finite(flagged["excess_kwh"]),
        whole_hours(flagged["hour_start_utc"]),
        _dictionary_codes(flagged["meter_id"]),
        _dictionary_codes(flagged["site_id"]),
    )
    order = np.lexsort(keys)
    group = np.stack([key[order] for key in keys[2:]])
    first = np.ones(len(order), dtype=bool)
    first[1:] = (group[:, 1:] != group[:, :-1]).any(axis=0)
    return np.asarray(order[first], dtype=np.int64)


def _dictionary_codes(column: pa.ChunkedArray) -> IntArray:
    encoded = column.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(), dtype=np.int64)


def _tree(meters: pa.Table) -> tuple[dict[tuple[str, str], int], IntArray, IntArray]:
    """Number, parent's number (-1 at the root) and depth of every meter."""
    columns = (meters[name].to_pylist() for name in ("site_id", "meter_id", "parent_meter_id"))
    sites, names, parents = columns
    node = {key: number for number, key in enumerate(zip(sites, names, strict=True))}
    parent = [
        -1 if up is None else node[(site, up)] for site, up in zip(sites, parents, strict=True)
    ]
    depth = np.asarray(meters["tree_depth"].to_numpy(), dtype=np.int64)
    return node, np.array(parent, dtype=np.int64), depth


def _codes(rows: pa.Table, node: dict[tuple[str, str], int]) -> IntArray:
    site, meter = (
        rows[name].combine_chunks().dictionary_encode() for name in ("site_id", "meter_id")
    )
    pair = site.indices.to_numpy().astype(np.int64) * max(len(meter.dictionary), 1)
    pair = pair + meter.indices.to_numpy()
    distinct, position = np.unique(pair, return_inverse=True)
    sites, meters = site.dictionary.to_pylist(), meter.dictionary.to_pylist()
    numbers = []
    for code in distinct:
        key = (sites[code // len(meters)], meters[code % len(meters)])
        if key not in node:
            raise ValueError(f"flagged meter {key[1]!r} of site {key[0]!r} is not in meters")
        numbers.append(node[key])
    return np.array(numbers, dtype=np.int64)[position]


def _counted(
    own: IntArray, hour: IntArray, excess: FloatArray, parent: IntArray, depth: IntArray
) -> FloatArray:
    """Excess beyond what the meters below count in the same hour, from the deepest level up."""
    counted = excess.copy()
    if not own.size:
        return counted
    origin = int(hour.min())
    span = int(hour.max()) - origin + 1
    key = own * span + (hour - origin)
    carried_key: IntArray = np.array([], dtype=np.int64)
    carried: FloatArray = np.array([], dtype=np.float64)
    for level in range(int(depth.max()), -1, -1):
        at = np.flatnonzero(depth[own] == level)
        here = depth[carried_key // span] == level
        below = _lookup(carried_key[here], carried[here], key[at])
        counted[at] = np.maximum(excess[at] - below, 0.0)
        keys = np.concatenate([carried_key, key[at]])
        values = np.concatenate([carried, counted[at]])
        moves = depth[keys // span] == level
        upward = np.where(moves, parent[keys // span] * span + keys % span, keys)
        kept = upward >= 0
        carried_key, position = np.unique(upward[kept], return_inverse=True)
        carried = np.bincount(position, values[kept], minlength=len(carried_key)).astype(np.float64)
    return counted


def _lookup(keys: IntArray, values: FloatArray, wanted: IntArray) -> FloatArray:
    """Values of sorted unique keys at the wanted keys, 0 where absent."""
    if not keys.size:
        return np.zeros(len(wanted))
    position = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.asarray(np.where(keys[position] == wanted, values[position], 0.0))
