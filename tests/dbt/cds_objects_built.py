"""A warehouse of objects, bills and usage: built with an increment, and in one go."""

import json
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cds_bill_bodies import section, statement
from cds_bill_cases import METERS, SITE_METERS, SITES, drops, moved_meter
from cds_object_inputs import CdsDirectory, Drop
from cds_object_world import pulls
from dbt_session import DbtSession

from cei_assets.contracts.cds_vocabulary import CdsObjectKind
from cei_assets.contracts.tables.cds_object_models import (
    CDS_OBJECT_INTERMEDIATES,
    CDS_OBJECT_MARTS,
)
from tests.cds_objects import AUGUST, OLD_SECTION_PARTS, REFERENCE, body

ROOT = Path(__file__).parents[2]
SAMPLES = Path(os.environ.get("CEI_SHARED_DATA", ROOT.parent / "shared" / "data")) / "cds"
DECEMBER = {"start_date": "2025-12-01", "end_date": "2025-12-31"}
DIALECTS = ("A", "B", "C")
AS_OF = datetime.fromisoformat("2026-12-06T00:00:00")
TABLES = (*CDS_OBJECT_INTERMEDIATES, *CDS_OBJECT_MARTS)
# checks and queries look at usage too
LOOKED_AT = ("fct_usage_segments", "rpt_cds_unmapped", "fct_cds_energy_hourly")
MODELS = " ".join(f"+{name}" for name in (*(table.name for table in TABLES), *LOOKED_AT))
QUICK = ("--no-write-json", "--select", MODELS)
BILLS = {
    "balanced": statement("balanced", due="150.10", unpaid="50", charges=[("100.10", True)]),
    "credited": statement(
        "credited", due="90", unpaid="0", charges=[("100", True), ("-10", True), ("7", False)]
    ),
    "off": statement("off", due="100.01", unpaid="0", charges=[("100", True)]),
    "untold": statement("untold", due="100", unpaid=None, charges=[("100", True)]),
    "bare": statement("bare", due="100", unpaid="0", charges=[]),
}


@dataclass(frozen=True, kw_only=True)
class Built:
    """The warehouse by increments and in one go, and what went in."""

    data: CdsDirectory
    dbt: DbtSession
    pulled: tuple[Drop, ...]
    late: tuple[Drop, ...]
    by_increments: Path


def _bills() -> Drop:
    lines = [
        {"id": f"l{place}", "name": "Line", "types": ["tax"], "start_date": "2026-04-01",
         "end_date": "2026-04-30", "cost": cost, "value": None, "rate": None,
         "related_usage_details": [], "related_cost_details": []}
        for place, cost in enumerate((1, 2))
    ]  # fmt: skip
    totals = [
        {"id": "t", "name": "All", "types": ["overall_total"], "cost": 4},
        {"id": "s", "name": "Part", "types": ["subtotal"], "cost": 3},
    ]
    lined = section("lined", billed=1, line_items=lines, cost_details=totals)
    return Drop(
        receipt_id="statements",
        observed_at=AS_OF - timedelta(days=2),
        body={"bill_statements": list(BILLS.values()), "bill_sections": [lined]},
    )


def _samples() -> list[Drop]:
    """The authored bodies of the specification, as a server of their own."""
    return [
        Drop(
            receipt_id=path.stem,
            observed_at=datetime.fromisoformat("2026-01-01T00:00:00") + timedelta(minutes=place),
            body={key: value for key, value in json.loads(path.read_text()).items() if value},
            server="sample",
        )
        for place, path in enumerate(sorted(SAMPLES.glob("*.json")))
    ]


def _dialects() -> list[Drop]:
    """An object of every kind as each dialect writes it; a server for each."""
    changes = {
        (CdsObjectKind.BILL_SECTIONS, "B"): OLD_SECTION_PARTS | DECEMBER,
        (CdsObjectKind.EACS, "C"): AUGUST,
    }
    return [
        Drop(
            receipt_id=f"dialect-{dialect}-{kind.value}",
            observed_at=AS_OF - timedelta(days=3),
            body={kind.value: [body(kind, dialect, **changes.get((kind, dialect), {}))]},
            server=f"dialect-{dialect}",
        )
        for dialect in DIALECTS
        for kind in REFERENCE
    ]


@contextmanager
def built_of_all(root: Path) -> Iterator[Built]:
    """All files in an order of chance, the last third as an increment; then everything anew."""
    data = CdsDirectory(root=root)
    data.write_register("cds_meters", METERS)
    data.write_register("cds_sites", SITES)
    data.write_register("cds_site_meters", SITE_METERS)
    pulled = tuple(pulls(seed=33))
    arriving = [*pulled, *drops(), *moved_meter(), _bills(), *_dialects(), *_samples()]
    random.Random(5).shuffle(arriving)  # noqa: S311 - an order, no secret
    soon, late = arriving[: len(arriving) * 2 // 3], arriving[len(arriving) * 2 // 3 :]
    with DbtSession(data.root) as dbt:
        for arrived in (soon, late):
            for drop in arrived:
                data.receive(drop)
            is_first = arrived is soon
            data.prepare_build(as_of=AS_OF, is_full=is_first)
            done = dbt.run("run", *QUICK, *["--full-refresh"][:is_first])
            assert done.success, done.failures or done.error
            data.built()
        kept = data.root / "increments.duckdb"
        shutil.copy(data.paths.warehouse, kept)
        data.prepare_build(as_of=AS_OF, is_full=True)
        dbt.build("--full-refresh", *QUICK, "--exclude-resource-type", "unit_test")
        yield Built(data=data, dbt=dbt, pulled=pulled, late=tuple(late), by_increments=kept)
