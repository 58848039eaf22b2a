"""Taking in: what waits in the landing folders to receipts, receipts of days to judged rows."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.csi.program import CsiRegister
from cei_assets.settings import Settings
from cei_assets.storage.archive import Receipt, finish_taking, take
from cei_assets.storage.duckdb_session import connect
from cei_assets.storage.intake import JudgedDate, judge_date
from cei_assets.storage.landing import LandedFile, complete_drops, waiting_files
from cei_assets.storage.problem import IntakeError
from cei_assets.storage.register import RegisterResult

# Raised when a rule of intake changes its verdicts, so that a backfill judges receipts again.
RULES_VERSION = "2"


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What was taken from a landing folder, and what was left there with the reason."""

    receipts: tuple[Receipt, ...]
    problems: tuple[IntakeError, ...]


@dataclass(frozen=True, kw_only=True)
class IntakeSummary:
    """What judging some days came to; rows over the receipts that were judged now."""

    receipts_judged: int
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_exact_duplicate: int
    errors: tuple[IntakeError, ...]

    def __str__(self) -> str:
        return (
            f"{self.receipts_judged} receipts judged: {self.rows_read} rows read, "
            f"{self.rows_accepted} accepted, {self.rows_rejected} rejected, "
            f"{self.rows_exact_duplicate} exact duplicates"
        )


def claim(source: UploadSource, *, settings: Settings, received_at: datetime) -> Claimed:
    """Archive every file that waits in a landing folder; one that cannot be taken stays there.

    `received_at` is naive UTC: the receipt's time.
    """
    moment = received_at.replace(tzinfo=UTC)
    receipts: list[Receipt] = []
    problems: list[IntakeError] = []
    waiting, complete = landed_drops(source, settings=settings)
    to_take = frozenset(complete)
    for landed in waiting:
        try:
            if landed in to_take:
                receipts.append(
                    take(
                        landed,
                        paths=settings.paths,
                        upload_source=source.value,
                        received_at=moment,
                    )
                )
            else:
                finish_taking(landed, paths=settings.paths, upload_source=source.value)
        except IntakeError as problem:
            problems.append(problem)
    return Claimed(receipts=tuple(receipts), problems=tuple(problems))


def landed_drops(
    source: UploadSource, *, settings: Settings
) -> tuple[list[LandedFile], list[LandedFile]]:
    """Files at rest in a landing folder, oldest first, and those of them that can be taken.

    A CSI upload can be taken when the form beside it is at rest too.
    """
    now = settings.wall_clock()
    waiting = waiting_files(
        settings.paths.landing(source.value), settle_seconds=settings.settle_seconds, now=now
    )
    complete = complete_drops(
        waiting, upload_source=source.value, settle_seconds=settings.settle_seconds, now=now
    )
    return waiting, complete


def judgement_id(register: RegisterResult, settings: Settings) -> str:
    """Digest of everything a verdict rests on besides the file: register, limits, rules."""
    facts = [RULES_VERSION, register.fingerprint, repr(settings.limits)]
    return hashlib.sha256("|".join(facts).encode()).hexdigest()[:16]


def judge_days(
    days: Sequence[date], *, register: RegisterResult, settings: Settings, force: bool = False
) -> IntakeSummary:
    """Judge the receipts of the days that have no outcome, or one of another judgement."""
    with connect(None, read_only=False, settings=settings.session) as connection:
        judged = [
            judge_date(
                day,
                paths=settings.paths,
                register=register.tables,
                limits=settings.limits,
                judgement_id=judgement_id(register, settings),
                connection=connection,
                force=force,
            )
            for day in days
        ]
    return _summary(judged)


def judge_csi_days(
    days: Sequence[date], *, register: CsiRegister, settings: Settings, force: bool = False
) -> IntakeSummary:
    """Judge the CSI-Thermal uploads of the days that have no outcome, or one of another judgement.

    Rows are those of whole reports, which are accepted or refused together.
    """
    # Only installations that use the programme load its rules.
    from cei_assets.storage.csi_intake import judge_csi_date

    return _summary(
        [
            judge_csi_date(
                day,
                paths=settings.paths,
                register=register,
                options=settings.csi_options,
                force=force,
            )
            for day in days
        ]
    )


def judge_cds_days(
    days: Sequence[date], *, settings: Settings, force: bool = False
) -> IntakeSummary:
    """Judge the files of customer data of the days without outcome, or with one of other rules.

    No register: what is mapped to its meters is decided by the build. Rows are slots; those of
    versions that an earlier file brought are exact duplicates.
    """
    # Only installations that take customer data load its rules.
    from cei_assets.storage.cds_intake import judge_cds_date

    return _summary([judge_cds_date(day, paths=settings.paths, force=force) for day in days])


def _summary(judged: Sequence[JudgedDate]) -> IntakeSummary:
    outcomes = [outcome for day in judged for outcome in day.outcomes]
    errors = [error for day in judged for error in day.errors]
    return IntakeSummary(
        receipts_judged=len(outcomes),
        rows_read=sum(outcome.rows_read for outcome in outcomes),
        rows_accepted=sum(outcome.rows_accepted for outcome in outcomes),
        rows_rejected=sum(outcome.rows_rejected for outcome in outcomes),
        rows_exact_duplicate=sum(outcome.rows_exact_duplicate for outcome in outcomes),
        errors=tuple(errors),
    )
