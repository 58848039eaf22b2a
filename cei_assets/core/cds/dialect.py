"""Which of the three wire forms a file has, decided by shape."""

from collections.abc import Iterable
from typing import Any

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsDialect
from cei_assets.core.cds.finding import Findings
from cei_assets.core.cds.formats import A_FORMATS, B_FORMATS, SHARED_FORMATS
from cei_assets.core.cds.members import is_text


def dialect_of(segments: Iterable[Any], *, findings: Findings) -> CdsDialect | None:
    """The dialect of a file's usage segments; None when no segment shows one.

    Format objects are C, `usage_*` strings and the other names of the text are B, `kwh_*` strings
    are A, `supply_mix` alone is A. Where no format is listed, the key `formats` is C and `format`
    is B. Several dialects in one file are told; the newest is named, and each format is read as
    what it is.
    """
    shapes: set[CdsDialect] = set()
    keys: set[CdsDialect] = set()
    shared = False
    for segment in segments:
        if not isinstance(segment, dict):
            continue
        for key, dialect in (("formats", CdsDialect.C), ("format", CdsDialect.B)):
            listed = segment.get(key)
            if isinstance(listed, list):
                keys.add(dialect)
                shapes.update(filter(None, map(_shape, listed)))
                shared = shared or any(is_text(item) and item in SHARED_FORMATS for item in listed)
    if len(shapes) > 1:
        names = ", ".join(sorted(shapes))
        findings.tell(CdsCode.MIXED_DIALECTS, "", f"formats of dialects {names} in one file", names)
    if not shapes and shared:
        return CdsDialect.A
    return max(shapes or keys, default=None)


def _shape(item: object) -> CdsDialect | None:
    if isinstance(item, dict):
        return CdsDialect.C
    if not is_text(item):
        return None
    if item in B_FORMATS:
        return CdsDialect.B
    return CdsDialect.A if item in A_FORMATS else None
