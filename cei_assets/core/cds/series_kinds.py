"""What a series is: measured, settled by, seen by a control system, or forecast."""

from collections.abc import Mapping
from typing import Any

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsSeriesKind
from cei_assets.core.cds.finding import Findings, shown
from cei_assets.core.cds.members import is_text
from cei_assets.core.intake.batch_body import clean

SERIES_WORDS: dict[str, CdsSeriesKind] = {
    **{kind.value: kind for kind in CdsSeriesKind},
    "scada": CdsSeriesKind.TELEMETRY,
}
"""Words of a body; `scada` is the reviewers' word for telemetry."""


def series_kind(
    members: Mapping[str, Any], *, pointer: str, findings: Findings
) -> CdsSeriesKind | None:
    """`series_kind` of a segment or a format, None where it says nothing.

    A word that no list knows is told and counted, and is `other`: were it ignored, what may be a
    forecast would count as measured.
    """
    value = members.get("series_kind")
    if value is None:
        return None
    text = clean(value) if is_text(value) else None
    known = None if text is None else SERIES_WORDS.get(text)
    if known is not None:
        return known
    findings.unknown_words[f"series_kind={text or shown(value)}"] += 1
    findings.tell(
        CdsCode.UNKNOWN_WORD,
        f"{pointer}/series_kind",
        f"series_kind is not one of {', '.join(SERIES_WORDS)}; never counted as measured",
        value,
    )
    return CdsSeriesKind.OTHER
