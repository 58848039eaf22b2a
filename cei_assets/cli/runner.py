"""Runs Dagster jobs of the installation in this process, one installation at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from cei_assets.cli.console import console, show_progress
from cei_assets.cli.instance import open_instance, release_dead_runs
from cei_assets.defs.schedules import range_tags
from cei_assets.settings import Settings

LAUNCHER_TAG = {"cei/launcher": "command"}


class RunFailedError(Exception):
    """A job did not succeed; the text names the steps and their errors."""


class Runner:
    """Executes jobs of the definitions against the installation's Dagster instance.

    What dbt prints goes to `log`; a person sees one line a step.
    """

    def __init__(
        self, *, definitions: dg.Definitions, instance: dg.DagsterInstance, log: Path
    ) -> None:
        self._definitions = definitions
        self._instance = instance
        self._log = log

    def run(
        self,
        job: str,
        *,
        partitions: tuple[str, str] | None = None,
        run_config: Mapping[str, object] | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Run a job, for a range of partitions when one is given; RunFailedError when it fails."""
        console.print(f"[bold]{job}[/bold] {_range_text(partitions)}".rstrip())
        with self._log.open("a", encoding="utf-8") as log, redirect_stdout(log):
            result = self._definitions.resolve_job_def(job).execute_in_process(
                instance=self._instance,
                raise_on_error=False,
                tags=LAUNCHER_TAG | (range_tags(*partitions) if partitions else {}),
                run_config={"loggers": {"progress": {}}, **(run_config or {})},
            )
        if not result.success:
            raise RunFailedError(_failure_text(job, result))
        return result


@contextmanager
def runner(settings: Settings) -> Iterator[Runner]:
    """A runner that holds the installation against other commands while it works.

    Raises RunFailedError when another command of ours is at work on the same data directory.
    """
    from cei_assets.definitions import defs

    settings.export()
    show_progress()
    lock = FileLock(settings.paths.state / "command.lock")
    settings.paths.state.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise RunFailedError(
            f"another `cei` command is at work on {settings.paths.root}; expected none. "
            "Wait for it to end, then repeat this command."
        ) from error
    try:
        with open_instance(settings.paths.dagster_home) as instance:
            release_dead_runs(instance, tags=LAUNCHER_TAG)
            yield Runner(
                definitions=defs, instance=instance, log=settings.paths.state / "commands.log"
            )
    finally:
        lock.release()


def _range_text(partitions: tuple[str, str] | None) -> str:
    if partitions is None:
        return ""
    first, last = partitions
    return first if first == last else f"{first} .. {last}"


def _failure_text(job: str, result: dg.ExecuteInProcessResult) -> str:
    failed = [event for event in result.all_events if event.is_step_failure]
    causes = [f"{event.step_key}: {_root_cause(event.step_failure_data.error)}" for event in failed]
    return f"job {job} failed: " + ("; ".join(causes) or "see the run in the Dagster UI")


def _root_cause(error: object) -> str:
    cause = getattr(error, "cause", None)
    while cause is not None:
        error, cause = cause, getattr(cause, "cause", None)
    return str(getattr(error, "message", error)).strip()
