"""Taking in: what waits in the landing folders to receipts, receipts of days to judged rows."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.settings import Settings
from cei_assets.storage.archive import Receipt, take
from cei_assets.storage.duckdb_session import connect
from cei_assets.storage.intake import Outcome, judge_date
from cei_assets.storage.landing import waiting_files
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
    receipts, problems = [], []
    for landed in waiting_files(
        settings.paths.landing(source.value),
        settle_seconds=settings.settle_seconds,
        now=settings.wall_clock(),
    ):
        try:
            receipts.append(
                take(landed, paths=settings.paths, upload_source=source.value, received_at=moment)
            )
        except IntakeError as problem:
            problems.append(problem)
    return Claimed(receipts=tuple(receipts), problems=tuple(problems))


def judgement_id(register: RegisterResult, settings: Settings) -> str:
    """Digest of everything a verdict rests on besides the file: register, limits, rules."""
    facts = [RULES_VERSION, register.fingerprint, repr(settings.limits)]
    return hashlib.sha256("|".join(facts).encode()).hexdigest()[:16]


def judge_days(
    days: Sequence[date], *, register: RegisterResult, settings: Settings, force: bool = False
) -> IntakeSummary:
    """Judge the receipts of the days that have no outcome, or one of another judgement."""
    outcomes: list[Outcome] = []
    errors: list[IntakeError] = []
    with connect(None, read_only=False, settings=settings.session) as connection:
        for day in days:
            judged = judge_date(
                day,
                paths=settings.paths,
                register=register.tables,
                limits=settings.limits,
                judgement_id=judgement_id(register, settings),
                connection=connection,
                force=force,
            )
            outcomes += judged.outcomes
            errors += judged.errors
    return IntakeSummary(
        receipts_judged=len(outcomes),
        rows_read=sum(outcome.rows_read for outcome in outcomes),
        rows_accepted=sum(outcome.rows_accepted for outcome in outcomes),
        rows_rejected=sum(outcome.rows_rejected for outcome in outcomes),
        rows_exact_duplicate=sum(outcome.rows_exact_duplicate for outcome in outcomes),
        errors=tuple(errors),
    )
