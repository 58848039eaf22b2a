"""The sidecar of a drop: what a sender says of a whole file."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from cei_assets.contracts.fields import IDENTIFIER
from cei_assets.core.intake.verdict import UnusableFileError


@dataclass(frozen=True, kw_only=True)
class Sidecar:
    """Zone of timestamps without offset, and the organization that the file is about."""

    timezone: str | None = None
    organization_id: str | None = None


def read_sidecar(text: str | None) -> Sidecar:
    """The sidecar `<file>.drop.json`, such as `{"timezone": "Europe/Rome"}`; all optional.

    Raises UnusableFileError when it is no JSON object, or names no zone of the IANA database.
    """
    if text is None:
        return Sidecar()
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnusableFileError(f"the sidecar .drop.json is not JSON ({error})") from error
    if not isinstance(content, dict):
        raise UnusableFileError('the sidecar .drop.json is not an object such as {"timezone": ...}')
    for name in ("timezone", "organization_id"):
        value = content.get(name)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise UnusableFileError(f"the sidecar's {name} is not text", column_name=name)
    organization_id = content.get("organization_id")
    if organization_id is not None and not re.fullmatch(IDENTIFIER, organization_id):
        raise UnusableFileError(
            f"the sidecar's organization_id {organization_id!r} has blanks around it",
            column_name="organization_id",
        )
    timezone = content.get("timezone")
    if timezone is not None:
        _refuse_unknown_zone(timezone)
    return Sidecar(timezone=timezone, organization_id=organization_id)


def _refuse_unknown_zone(timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnusableFileError(
            f"the sidecar's timezone {timezone!r} is no IANA zone such as Europe/Rome",
            column_name="timezone",
        ) from error
