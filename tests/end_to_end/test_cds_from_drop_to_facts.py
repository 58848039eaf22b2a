"""Customer data from a server over HTTP to hourly facts: revised, withdrawn, rebuilt."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import dagster as dg
import pytest

from cei_assets.cli.manifest import ensure_manifest
from cei_assets.contracts.tables.marts import ANALYSIS_MARTS
from cei_assets.defs.pulling import CDS_SERVERS, PULL_OP, pull_cds
from cei_assets.defs.resources import Platform
from cei_assets.settings import Settings
from cei_assets.storage.layout import ensure_layout
from tests.cds_mock_bodies import START, segment
from tests.cds_mock_server import SECRET, CdsMock, Grant
from tests.cds_pulls import NAME, Site
from tests.small_factory import Installation

pytestmark = pytest.mark.filterwarnings("default")

REGISTER = {
    "organizations": "organization_id,organization_name\nacme,Acme\n",
    "sites": (
        "site_id,organization_id,site_name,timezone,country\nrome,acme,Plant,Europe/Rome,IT\n"
    ),
    "meters": (
        "site_id,meter_id,description,role,parent_meter_id,interval_seconds,interval_label,"
        "expected_from,expected_to\n"
        "rome,grid,Connection,main_incomer,,3600,start,2026-01-01,2026-01-03\n"
    ),
    "cds_meters": (
        "cds_server,resource_kind,cds_reference,site_id,meter_id,mapped_direction,mapped_from,"
        f"mapped_to\n{NAME},meter_device,M-2,rome,grid,forward,,\n"
    ),
}
FIRST, SECOND = "2026-02-10T12:00:00Z", "2026-02-11T12:00:00Z"
DAYS = (FIRST[:10], SECOND[:10])
# What follows the facts is made by one of the runs only.
AFTER_THE_FACTS = ("fct_quality_results", *(table.name for table in ANALYSIS_MARTS))


@pytest.fixture(scope="module", autouse=True)
def environment_restored() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@dataclass(frozen=True, kw_only=True)
class Stages:
    """What was published after each run."""

    hours_first: list[tuple[object, ...]]
    unmapped_first: list[tuple[object, ...]]
    hours_second: list[tuple[object, ...]]
    days_second: list[tuple[object, ...]]
    segments_second: list[tuple[object, ...]]
    quality_second: list[tuple[object, ...]]
    second: dict[str, tuple[object, ...]]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    installation = Installation(folder=tmp_path_factory.mktemp("customer") / "data")
    ensure_layout(installation.settings.paths)
    for name, text in REGISTER.items():
        (installation.settings.paths.register / f"{name}.csv").write_text(text, encoding="utf-8")
    return installation


def pulled(installation: Installation, *, as_of: str) -> None:
    """What the schedule does: a run of the asset for the one server."""
    os.environ.update(installation.environment(as_of=as_of))
    os.environ["CEI_CDS_NORTH_GRID_SECRET"] = SECRET
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(CDS_SERVERS.name or "", [NAME])
        result = dg.materialize(
            [pull_cds],
            partition_key=NAME,
            instance=instance,
            resources={"platform": Platform()},
            run_config={"ops": {PULL_OP: {"config": {"window": "full"}}}},
        )
    assert result.success


def build_facts(installation: Installation, *, as_of: str) -> None:
    """What schedules and sensors do up to the published facts."""
    ensure_manifest()
    from cei_assets.cli.runner import runner

    os.environ.update(installation.environment(as_of=as_of))
    settings = Settings()
    ensure_layout(settings.paths)
    with runner(settings) as jobs:
        jobs.run("take_in_cds", partitions=DAYS)
        jobs.run("build_cds")
        jobs.run("build")


HOURS = "select hour_start_utc, hour_usage_kwh from fct_usage_hourly order by 1"


@pytest.fixture(scope="module")
def stages(installation: Installation) -> Stages:
    """Two runs of a server with two meters and days; between them it revises and withdraws."""
    with CdsMock(grants={"g-1": Grant()}) as mock:
        usage = mock.store["usage_segments"]
        usage[:] = [segment("C", number, day=day) for number in (1, 2) for day in (0, 1)]
        site = Site(mock=mock, root=installation.folder)
        site.write(grants=["g-1"], grant_scope="grant_admin")
        pulled(installation, as_of=FIRST)
        build_facts(installation, as_of=FIRST)
        hours_first = installation.rows(HOURS)
        unmapped_first = installation.rows("select * from rpt_cds_unmapped")
        revised = segment("C", 2, day=0, modified=START + timedelta(days=30), null_slots=(20, 21))
        revised["values"][3][4] = {"eu": 7.125}  # forward, revenue
        usage[:] = [body for body in usage if not body["cds_usagesegment_id"].startswith("use-2")]
        usage.append(revised)
        pulled(installation, as_of=SECOND)
        assert mock.violations == []
    installation.run(as_of=SECOND)
    return Stages(
        hours_first=hours_first,
        unmapped_first=unmapped_first,
        hours_second=installation.rows(HOURS),
        days_second=installation.rows(
            "select local_date, received_intervals, expected_intervals "
            "from fct_completeness_daily order by 1"
        ),
        segments_second=installation.rows(
            "select cds_usagesegment_id, version_status, count(*) from fct_usage_segments "
            "group by all order by all"
        ),
        quality_second=installation.rows(
            "select is_success, count(*) > 100 from fct_quality_results "
            "where table_name like '%cds%' group by is_success"
        ),
        second=installation.digests(without=AFTER_THE_FACTS),
    )


def test_hours_of_a_mapped_meter_hold_what_its_server_says(stages: Stages) -> None:
    hours = [START.replace(tzinfo=None) + timedelta(hours=hour) for hour in range(48)]
    # Both qualities say the same; forward is what the register's meter stands for.
    assert stages.hours_first == [(hour, Decimal("2.25")) for hour in hours]


def test_a_meter_that_is_not_mapped_is_listed_with_what_to_add(stages: Stages) -> None:
    said = " ".join(str(value) for row in stages.unmapped_first for value in row)
    assert "met-1" in said
    assert "met-2" not in said


def test_a_revision_takes_intervals_away_and_changes_one(stages: Stages) -> None:
    hours = {row[0]: row[1] for row in stages.hours_second}
    start = START.replace(tzinfo=None)
    expected = {start + timedelta(hours=hour): Decimal("2.25") for hour in range(24)}
    expected[start + timedelta(hours=3)] = Decimal("7.125")
    for gone in (20, 21):
        del expected[start + timedelta(hours=gone)]
    assert hours == expected, "the second day was withdrawn"


def test_what_is_missing_now_shows_in_completeness(stages: Stages) -> None:
    # The first day of Rome begins an hour before the first segment does.
    received = [row[1] for row in stages.days_second]
    assert received == [21, 1, 0]


def test_withdrawn_and_superseded_versions_stay_and_say_so(stages: Stages) -> None:
    found = {(row[0], row[1]): row[2] for row in stages.segments_second}
    assert found == {
        ("use-1-0", "current"): 1,
        ("use-1-1", "current"): 1,
        ("use-2-0", "current"): 1,
        ("use-2-0", "superseded"): 1,
        ("use-2-1", "withdrawn"): 1,
    }


def test_every_expectation_over_the_marts_of_customer_data_holds(stages: Stages) -> None:
    assert stages.quality_second == [(True, True)]


def test_everything_lost_but_the_archive_gives_the_same_tables(
    installation: Installation, stages: Stages
) -> None:
    paths = installation.settings.paths
    for folder in ("raw", "state", "cds", "analysis", "warehouse", "published", "reports"):
        shutil.rmtree(paths.root / folder)
    build_facts(installation, as_of=SECOND)
    assert installation.digests(without=AFTER_THE_FACTS) == stages.second
