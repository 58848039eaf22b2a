"""The scheduled pull: a partition a server, run as the asset, asked for by schedules."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from filelock import FileLock

from cei_assets.defs.cds_schedules import (
    daily_cds_pull,
    hourly_cds_build,
    monthly_cds_pull,
    weekly_cds_pull,
)
from cei_assets.defs.pulling import CDS_SERVERS, PULL_OP, PULLED_KEY, PullConfig, pull_cds
from cei_assets.defs.resources import Platform
from cei_assets.storage.layout import ensure_layout
from tests.cds_mock_server import SECRET, CdsMock, Grant
from tests.cds_pulls import NAME, Site

VARIABLE = "CEI_CDS_NORTH_GRID_SECRET"
TICK = datetime(2026, 2, 10, 1, tzinfo=UTC)


@pytest.fixture
def mock() -> Iterator[CdsMock]:
    with CdsMock() as server:
        yield server


@pytest.fixture
def site(mock: CdsMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("CEI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CEI_AS_OF", "2026-02-10T12:00:00Z")
    monkeypatch.setenv(VARIABLE, SECRET)
    found = Site(mock=mock, root=tmp_path)
    ensure_layout(found.paths)
    found.write()
    return found


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        ephemeral.add_dynamic_partitions(CDS_SERVERS.name or "", [NAME])
        yield ephemeral


def run(instance: dg.DagsterInstance, window: str = "hot") -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [pull_cds],
        partition_key=NAME,
        instance=instance,
        resources={"platform": Platform()},
        run_config={"ops": {PULL_OP: {"config": {"window": window}}}},
        raise_on_error=False,
    )


def failure(result: dg.ExecuteInProcessResult) -> str:
    (event,) = [event for event in result.all_events if event.is_step_failure]
    return str(event.step_failure_data.user_failure_data.description)


def test_a_run_lands_every_page_and_says_so(site: Site, instance: dg.DagsterInstance) -> None:
    result = run(instance, window="full")
    assert result.success
    (made,) = result.asset_materializations_for_node(PULL_OP)
    assert made.partition == NAME
    assert len(site.landed()) == 9
    assert made.metadata["pages"].value == 9
    assert made.metadata["objects/usage_segments"].value == 6
    assert [check.passed for check in result.get_asset_check_evaluations()] == [True]


def test_the_window_is_the_one_that_was_asked_for(site: Site, instance: dg.DagsterInstance) -> None:
    assert run(instance, window="hot").success
    assert {told["window"]["name"] for told in site.sidecars()} == {"hot"}
    assert {told["window"]["until"] for told in site.sidecars()} == {"2026-02-10T12:00:00Z"}


def test_a_refusal_is_one_line_without_secret_and_is_not_repeated(
    site: Site, mock: CdsMock, instance: dg.DagsterInstance
) -> None:
    mock.always["accounts"] = "echo"
    result = run(instance)
    assert not result.success
    text = failure(result)
    assert text.startswith(f"{NAME}: ")
    assert "\n" not in text
    logged = "\n".join(str(event) for event in result.all_events)
    assert SECRET not in logged
    assert not any(token in logged for token in mock.tokens)
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    assert site.landed() == {}


def test_a_server_that_another_process_pulls_from_is_asked_again_later(
    site: Site, instance: dg.DagsterInstance
) -> None:
    folder = site.paths.pulls / NAME
    folder.mkdir(parents=True)
    with (
        FileLock(folder / "pull.lock"),
        dg.build_asset_context(partition_key=NAME, instance=instance) as context,
        pytest.raises(dg.Failure) as raised,
    ):
        list(pull_cds(context, PullConfig(), platform=Platform()))
    assert raised.value.allow_retries
    assert "another process pulls" in str(raised.value.description)
    assert pull_cds.op.retry_policy is not None
    assert site.landed() == {}


def test_a_server_without_secret_is_skipped_and_told(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    result = run(instance)
    assert result.success
    assert result.asset_materializations_for_node(PULL_OP) == []
    (check,) = result.get_asset_check_evaluations()
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert VARIABLE in str(check.description)
    assert site.landed() == {}


def test_a_grant_that_is_gone_is_told_while_the_others_land(
    site: Site, mock: CdsMock, instance: dg.DagsterInstance
) -> None:
    mock.grants = {"g-1": Grant(), "g-2": Grant(status="revoked")}
    site.write(grants=["g-1", "g-2"], grant_scope="grant_admin")
    result = run(instance)
    assert result.success
    (check,) = result.get_asset_check_evaluations()
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "g-2 is revoked" in str(check.description)
    assert site.landed()


@pytest.mark.parametrize(
    ("schedule", "window"),
    [(daily_cds_pull, "hot"), (weekly_cds_pull, "warm"), (monthly_cds_pull, "full")],
    ids=["daily", "weekly", "monthly"],
)
def test_schedules_ask_for_a_run_of_every_server_that_has_a_secret(
    site: Site, tmp_path: Path, schedule: dg.ScheduleDefinition, window: str
) -> None:
    with site.file.open("a", encoding="utf-8") as file:
        file.write('[silent]\nmetadata_url = "https://silent.example"\nclient_id = "x"\n')
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        requests = asked(schedule, instance)
        assert instance.get_dynamic_partitions(CDS_SERVERS.name or "") == [NAME]
    assert isinstance(requests, list)
    (request,) = requests
    assert request.partition_key == NAME
    assert request.run_config == {"ops": {PULL_OP: {"config": {"window": window}}}}
    assert request.run_key == f"2026-02-10:{window}:{NAME}"


def test_without_servers_or_secrets_nothing_is_asked_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        monkeypatch.delenv(VARIABLE)
        assert isinstance(asked(daily_cds_pull, instance), dg.SkipReason)
        site.file.unlink()
        assert isinstance(asked(daily_cds_pull, instance), dg.SkipReason)


def test_where_customer_data_never_came_no_build_is_asked_for(site: Site) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert isinstance(asked(hourly_cds_build, instance), dg.SkipReason)
        (site.paths.landing("cds") / "a.json").write_bytes(b"[]")
        assert isinstance(asked(hourly_cds_build, instance), dg.RunRequest)


def test_what_a_run_lands_is_what_the_folder_of_receipts_waits_for() -> None:
    from cei_assets.definitions import defs

    graph = defs.resolve_asset_graph()
    assert PULLED_KEY in graph.get(dg.AssetKey(["raw", "cds", "receipts"])).parent_keys


def asked(schedule: dg.ScheduleDefinition, instance: dg.DagsterInstance) -> object:
    """What a schedule asks for at its tick."""
    with dg.build_schedule_context(
        instance=instance, scheduled_execution_time=TICK, resources={"platform": Platform()}
    ) as context:
        return schedule(context)
