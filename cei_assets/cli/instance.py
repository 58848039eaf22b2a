"""The installation's Dagster instance: one pool slot each, no telemetry, dead runs released."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

INSTANCE_YAML = """\
# Written by the `cei` command. Every pool has one slot: whatever opens the warehouse file shares
# the pool `warehouse`, so two runs never meet its lock.
concurrency:
  pools:
    default_limit: 1
  runs:
    max_concurrent_runs: 4
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 30
telemetry:
  enabled: false
nux:
  enabled: false
"""


def ensure_instance(home: Path) -> None:
    """Make the Dagster home, with the configuration that the pools need."""
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(INSTANCE_YAML, encoding="utf-8")


@contextmanager
def open_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of a Dagster home, made when it is not there."""
    ensure_instance(home)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def release_dead_runs(instance: dg.DagsterInstance, *, tags: Mapping[str, str]) -> None:
    """Mark runs as failed that a killed command left behind, and give back their pool slots.

    The caller holds the installation's command lock, so no run with these tags is alive.
    """
    dead = instance.get_runs(
        RunsFilter(
            statuses=[
                DagsterRunStatus.STARTING,
                DagsterRunStatus.STARTED,
                DagsterRunStatus.CANCELING,
                DagsterRunStatus.NOT_STARTED,
            ],
            tags=dict(tags),
        )
    )
    for run in dead:
        instance.report_run_failed(
            run, message="The command that drove this run ended before the run did."
        )
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
