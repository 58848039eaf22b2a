"""What schemathesis cannot guess: sites and meters of the register of the tests."""

from typing import Any

import schemathesis

_KNOWN = {"site_id": "mill", "meter_id": "main"}
_RECENT = "2026-11-20T10:00:00Z"


@schemathesis.hook
def map_query(_context: object, query: Any) -> Any:  # noqa: ANN401 - any JSON
    """Every other question is about a meter that exists."""
    return _with_known(query) if isinstance(query, dict) else query


@schemathesis.hook
def map_body(_context: object, body: Any) -> Any:  # noqa: ANN401 - any JSON
    """Every other record is of a meter that exists, some of an hour that is right."""
    if isinstance(body, dict) and isinstance(body.get("records"), list):
        records = [_with_known(one) if isinstance(one, dict) else one for one in body["records"]]
        return body | {"records": records}
    return body


def _with_known(fields: dict[str, Any]) -> dict[str, Any]:
    if len(str(fields)) % 2:
        return fields
    known = {name: text for name, text in _KNOWN.items() if name in fields}
    if len(str(fields)) % 4:
        times = fields.keys() & {"timestamp_utc", "as_of", "start_utc"}
        known |= dict.fromkeys(times, _RECENT)
    return fields | known
