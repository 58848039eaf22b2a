"""Sensors: one per landing folder, from one factory. A folder is a queue."""

import hashlib

import dagster as dg
from dagster import SensorEvaluationContext

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.defs.jobs import TAKE_IN_BY_SOURCE
from cei_assets.defs.resources import Platform
from cei_assets.storage.landing import waiting_files

MINIMUM_INTERVAL_SECONDS = 30
# What the gateway acknowledged is to be judged within a minute. It seals a journal at most
# `gateway_seal_seconds` after the first record; settling, Dagster's loops over sensors and over
# queued runs (5 s each) and the start of a process come on top.
GATEWAY_INTERVAL_SECONDS = 10


def landing_sensor(source: UploadSource) -> dg.SensorDefinition:
    """A sensor that asks for one run when files wait in a landing folder.

    A file counts when it has been left alone for the settle time. The run key is a digest of path,
    size and modification time of all that waits, so a file that comes back, or one that a failed
    run left beside a new one, asks again; there is no cursor that could drift.
    """

    @dg.sensor(
        name=f"landing_{source.value}",
        job=TAKE_IN_BY_SOURCE[source],
        minimum_interval_seconds=(
            GATEWAY_INTERVAL_SECONDS if source is UploadSource.CEI_API else MINIMUM_INTERVAL_SECONDS
        ),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Takes files that wait in landing/{source.value}.",
    )
    def sensor(
        context: SensorEvaluationContext, platform: Platform
    ) -> dg.RunRequest | dg.SkipReason:
        del context
        settings = platform.settings
        now = settings.now()
        folder = settings.paths.landing(source.value)
        waiting = waiting_files(
            folder, settle_seconds=settings.settle_seconds, now=settings.wall_clock()
        )
        if not waiting:
            return dg.SkipReason(f"Nothing waits in landing/{source.value}.")
        key = hashlib.sha256(
            "\n".join(f"{file.path}|{file.size}|{file.mtime_ns}" for file in waiting).encode()
        ).hexdigest()
        return dg.RunRequest(run_key=key, partition_key=now.date().isoformat())

    return sensor


SENSORS = [landing_sensor(source) for source in UploadSource]
