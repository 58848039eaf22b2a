"""Whatever the order in which files arrive, the same versions are stored and the same seen."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.checks.intake import conservation
from cei_assets.contracts.tables.cds import (
    CDS_COSTS,
    CDS_INTERVALS,
    CDS_RELATIONS,
    CDS_SEGMENTS,
    CDS_SUPPLY_MIX,
)
from cei_assets.contracts.tables.intake import OUTCOMES
from cei_assets.storage.cds_intake import judge_cds_date
from cei_assets.storage.paths import DataPaths
from tests.cds_drops import envelope, pulled, stored, take_file
from tests.cds_segments import net, segment
from tests.intake_drops import DAY

VERSIONED = (CDS_INTERVALS, CDS_RELATIONS, CDS_SUPPLY_MIX, CDS_COSTS)
FORMATS = (
    {"id": "n", "type": "electric_usage", "units": "kWh", "direction": "net"},
    {"id": "c", "type": "cost", "currency": "EUR", "indexes": [0]},
    {
        "id": "m",
        "type": "electric_supply_mix",
        "indexes": [0],
        "attribution": "base",
        "supply_type": "solar",
    },
)


def _month(number: int, revision: int, synced: int) -> dict[str, Any]:
    sets: list[object] = [
        [{"eu": revision}, {"c": 1}, {"sm": 1}],
        [{"eu": "?" if number == 3 else number}, None, None],
    ]
    return segment(
        *(net() if number == 4 else sets),
        formats=() if number == 4 else FORMATS,
        end="2026-03-01T00:30:00Z",
        cds_usagesegment_id=f"s-{number}",
        cds_modified=f"2026-04-0{1 + revision}T06:00:00Z",
        cds_synced=f"2026-05-0{1 + synced}T00:00:00Z",
    )


_shown = st.builds(_month, st.integers(1, 4), st.integers(0, 1), st.integers(0, 2))
_files = st.lists(
    st.tuples(st.sampled_from(["riverside", "lakeside"]), st.lists(_shown, max_size=4)),
    min_size=2,
    max_size=4,
)


def _arrived(root: Path, files: Sequence[tuple[int, str, str]], *, at_once: bool) -> DataPaths:
    """The files taken in this order, judged one by one or all together."""
    paths = DataPaths(root=root)
    for place, (name, server, page) in enumerate(files):
        take_file(paths, page, name=f"{name}.json", age=60 + name, sidecar=pulled(server=server))
        if not at_once or place == len(files) - 1:
            assert judge_cds_date(DAY, paths=paths).errors == ()
    return paths


def _versions(paths: DataPaths) -> list[set[tuple[object, ...]]]:
    """Rows of versions, whichever receipt has them, each as often as it is stored."""
    found = []
    for table in VERSIONED:
        rows = stored(paths, table).drop_columns(["receipt_id"]).to_pylist()
        kept = {tuple(row.values()) for row in rows}
        assert len(kept) == len(rows), table.name
        found.append(kept)
    return found


def _sightings(paths: DataPaths) -> set[tuple[object, ...]]:
    return {tuple(row.values()) for row in stored(paths, CDS_SEGMENTS).to_pylist()}


def _repeated(paths: DataPaths) -> int:
    return sum(stored(paths, OUTCOMES)["rows_exact_duplicate"].to_pylist())


@settings(max_examples=10, deadline=None)
@given(files=_files, data=st.data(), at_once=st.booleans())
def test_any_order_of_arrival_stores_the_same(
    files: list[tuple[str, list[dict[str, Any]]]], data: st.DataObject, at_once: bool
) -> None:
    pages = [(name, server, envelope(*shown)) for name, (server, shown) in enumerate(files)]
    other = data.draw(st.permutations(pages))
    with tempfile.TemporaryDirectory() as folder:
        first = _arrived(Path(folder) / "first", pages, at_once=False)
        second = _arrived(Path(folder) / "second", other, at_once=at_once)
        assert _versions(first) == _versions(second)
        assert _sightings(first) == _sightings(second)
        assert _repeated(first) == _repeated(second)
        for paths in (first, second):
            assert conservation([DAY], paths=paths).passed
