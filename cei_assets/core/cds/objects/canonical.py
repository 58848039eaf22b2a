"""Nested members as JSON text that is the same for the same content."""

import json

from cei_assets.core.cds.document import NotANumber
from cei_assets.core.intake.batch_body import Number, clean


def canonical(value: object) -> str:
    """JSON text without blanks, members sorted, numbers as they were written."""
    if isinstance(value, NotANumber):
        return f'"{value}"'
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, dict):
        members = (f"{canonical(name)}:{canonical(value[name])}" for name in sorted(value))
        return f"{{{','.join(members)}}}"
    return json.dumps(clean(value) if isinstance(value, str) else value, ensure_ascii=False)
