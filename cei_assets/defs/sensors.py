"""Sensors: one per landing folder, from one factory. A folder is a queue."""

import hashlib

import dagster as dg
from dagster import SensorEvaluationContext

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.defs.jobs import CLOSE_CSI, TAKE_IN_BY_SOURCE
from cei_assets.defs.resources import Platform
from cei_assets.defs.schedules import NO_CSI, range_tags
from cei_assets.storage.csi_build import built_csi, csi_digest, csi_in_use
from cei_assets.storage.taking_in import landed_drops

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
        waiting, complete = landed_drops(source, settings=settings)
        if not complete:
            alone = f" {len(waiting)} without their .form.json." if waiting else ""
            return dg.SkipReason(f"Nothing to take waits in landing/{source.value}.{alone}")
        key = hashlib.sha256(
            "\n".join(f"{file.path}|{file.size}|{file.mtime_ns}" for file in complete).encode()
        ).hexdigest()
        return dg.RunRequest(run_key=key, partition_key=now.date().isoformat())

    return sensor


@dg.sensor(
    name="csi_ledger_changed",
    job=CLOSE_CSI,
    minimum_interval_seconds=MINIMUM_INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Brings performance data and payments up to date when the CSI ledger changed.",
)
def csi_ledger_changed(
    context: SensorEvaluationContext, platform: Platform
) -> dg.RunRequest | dg.SkipReason:
    """One run over the application months whose intervals changed, per state of the ledger."""
    del context
    from cei_assets.storage.csi_ledger import months_to_write

    settings = platform.settings
    if not csi_in_use(settings.paths):
        return dg.SkipReason(NO_CSI)
    digest = csi_digest(settings.paths)
    if digest == built_csi(settings.paths):
        return dg.SkipReason("The CSI tables are built from the ledger as it is.")
    months = months_to_write(settings.paths) or [settings.now().date().replace(day=1)]
    return dg.RunRequest(
        run_key=digest, tags=range_tags(min(months).isoformat(), max(months).isoformat())
    )


SENSORS = [*(landing_sensor(source) for source in UploadSource), csi_ledger_changed]
