"""The ordered pass over the uploads of one application, month and file type.

Source: rules U07 and U08 and section 4.1 of the guide (one Success a month, meter interval reports
kept as versions); authorisations and late decisions are the administrators'.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from cei_assets.contracts.csi_vocabulary import CsiFileType, CsiResult, CsiRule, LateDecision
from cei_assets.core.csi.months import local_time
from cei_assets.core.csi.program import LateDecisionMade, Replacement


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What the pass looks at of an upload; None where the form did not say it."""

    receipt_id: str
    submitted_at_utc: datetime
    application_id: str | None
    application_month: date | None
    file_type: str | None
    content_result: str
    is_late: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What the history of its month makes of an upload; times are naive UTC.

    `attempt_number` is None without a readable application, month or file type. `rule` is U07
    for an upload that was not read, U08 for one that replaces another, and `message` words it.
    An upload is in force from `effective_from_utc` until `effective_to_utc`, which it excludes.
    `late_decision` is the newest one about a late upload.
    """

    result: CsiResult
    attempt_number: int | None = None
    effective_from_utc: datetime | None = None
    effective_to_utc: datetime | None = None
    replaces_receipt_id: str | None = None
    superseded_by_receipt_id: str | None = None
    authorization_id: str | None = None
    rule: CsiRule | None = None
    message: str | None = None
    late_decision: LateDecision | None = None
    late_decided_at_utc: datetime | None = None

    @property
    def is_effective(self) -> bool:
        """Whether the upload is its month's Success now."""
        return self.effective_from_utc is not None and self.effective_to_utc is None

    def is_in_force_at(self, at_utc: datetime) -> bool:
        """Whether the upload was its month's Success at a time."""
        begun = self.effective_from_utc is not None and self.effective_from_utc <= at_utc
        return begun and (self.effective_to_utc is None or at_utc < self.effective_to_utc)


def pass_over(
    submissions: Sequence[Submission],
    *,
    replacements: Sequence[Replacement],
    late_decisions: Sequence[LateDecisionMade],
    zone: str,
) -> list[Standing]:
    """Standings of the uploads of one application, month and file type, in order of submission.

    `replacements` and `late_decisions` are those of the same application and month, in any order.
    Days in messages are read in `zone`. What is said of an upload rests on earlier ones only;
    a later one may end its time in force, and decisions about it may follow.
    """
    first = submissions[0]
    if first.application_id is None or first.application_month is None:
        return [Standing(result=CsiResult.FAILURE) for _ in submissions]
    if first.file_type is None:
        return [Standing(result=CsiResult(one.content_result)) for one in submissions]
    if first.file_type != CsiFileType.APPLICATION_INTERVAL:
        return [
            Standing(result=CsiResult(one.content_result), attempt_number=attempt)
            for attempt, one in enumerate(submissions, 1)
        ]
    standings = _one_success(submissions, replacements=replacements, zone=zone)
    return [
        _decided(standing, one, replacements=replacements, late_decisions=late_decisions)
        for standing, one in zip(standings, submissions, strict=True)
    ]


def _one_success(
    submissions: Sequence[Submission], *, replacements: Sequence[Replacement], zone: str
) -> list[Standing]:
    """At most one Success holds; an unused authorisation lets the next good upload replace it."""
    unused = sorted(replacements, key=_narrowest_first)
    standings: list[Standing] = []
    holder: int | None = None
    for index, one in enumerate(submissions):
        standing = Standing(result=CsiResult(one.content_result), attempt_number=index + 1)
        if holder is None:
            if standing.result is CsiResult.SUCCESS:
                standing = replace(standing, effective_from_utc=one.submitted_at_utc)
                holder = index
            standings.append(standing)
            continue
        held = submissions[holder]
        authorization = next((each for each in unused if _permits(each, one, held)), None)
        if authorization is None:
            standing = _refused(standing, held, attempt=holder + 1, zone=zone)
        elif standing.result is CsiResult.SUCCESS:
            unused.remove(authorization)
            standing = _replacing(
                standing, one, held, attempt=holder + 1, authorization=authorization, zone=zone
            )
            standings[holder] = replace(
                standings[holder],
                effective_to_utc=one.submitted_at_utc,
                superseded_by_receipt_id=one.receipt_id,
            )
            holder = index
        standings.append(standing)
    return standings


def _narrowest_first(authorization: Replacement) -> tuple[bool, datetime, str]:
    """One that names the upload is used before one that fits any, then the oldest."""
    return (
        authorization.replaces_receipt_id is None,
        authorization.authorized_at_utc,
        authorization.authorization_id,
    )


def _permits(authorization: Replacement, one: Submission, held: Submission) -> bool:
    return authorization.authorized_at_utc <= one.submitted_at_utc and (
        authorization.replaces_receipt_id in (None, held.receipt_id)
    )


def _refused(standing: Standing, held: Submission, *, attempt: int, zone: str) -> Standing:
    day = local_time(held.submitted_at_utc, zone=zone).date()
    return replace(
        standing,
        result=CsiResult.FAILURE,
        rule=CsiRule.U07,
        message=f"{CsiRule.U07}: upload #{attempt} of {day} already succeeded; "
        "contact the administrator",
    )


def _replacing(
    standing: Standing,
    one: Submission,
    held: Submission,
    *,
    attempt: int,
    authorization: Replacement,
    zone: str,
) -> Standing:
    day = local_time(authorization.authorized_at_utc, zone=zone).date()
    return replace(
        standing,
        effective_from_utc=one.submitted_at_utc,
        replaces_receipt_id=held.receipt_id,
        authorization_id=authorization.authorization_id,
        rule=CsiRule.U08,
        message=f"{CsiRule.U08}: replaces upload #{attempt}, authorised by "
        f"{authorization.authorized_by} on {day}",
    )


def _decided(
    standing: Standing,
    one: Submission,
    *,
    replacements: Sequence[Replacement],
    late_decisions: Sequence[LateDecisionMade],
) -> Standing:
    """The standing with the newest decision; an upload on time needs none and gets none."""
    if not one.is_late:
        return standing
    carried = [
        (each.authorized_at_utc, each.late_decision)
        for each in replacements
        if each.authorization_id == standing.authorization_id and each.late_decision is not None
    ]
    made = [
        (each.late_decided_at_utc, each.late_decision)
        for each in late_decisions
        if each.late_receipt_id == one.receipt_id
        or (each.late_receipt_id is None and standing.is_in_force_at(each.late_decided_at_utc))
    ]
    if not carried and not made:
        return standing
    # Decided at the same moment, what was decided about the upload goes before what came with
    # the authorisation.
    decided_at_utc, _, decision = max(
        [(at, 0, decision) for at, decision in carried]
        + [(at, 1, decision) for at, decision in made]
    )
    return replace(standing, late_decision=decision, late_decided_at_utc=decided_at_utc)
