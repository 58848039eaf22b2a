"""The header of a drop: delimiter, and which column is which."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cei_assets.core.intake.verdict import UnusableFileError

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_REGISTER_WORDS = frozenset(
    {
        "register", "counter", "cumulative", "cumulated", "index", "reading", "meterreading",
        "totaliser", "totalizer", "total", "stand", "zaehlerstand", "z\u00e4hlerstand",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class HeaderTargets:
    """Columns that a kind of drop has: `aliases` maps every accepted name to its target.

    `required` holds groups of targets: one of each group has to be there.
    """

    aliases: Mapping[str, str]
    required: tuple[tuple[str, ...], ...]


def _named(targets: Mapping[str, str]) -> dict[str, str]:
    return {
        alias: target for target, aliases in targets.items() for alias in (target, *aliases.split())
    }


_TIMESTAMP = "timestamp ts datetime date_time time utc_time"
READING_TARGETS = HeaderTargets(
    aliases=_named(
        {
            "site_id": "site",
            "meter_id": "meter",
            "timestamp_utc": _TIMESTAMP,
            "value": "kwh energy_kwh consumption_kwh",
            "unit": "",
            "idempotency_key": "",
        }
    ),
    required=(("site_id",), ("meter_id",), ("timestamp_utc",), ("value",)),
)
TEMPERATURE_TARGETS = HeaderTargets(
    aliases=_named(
        {
            "site_id": "site",
            "station_id": "station",
            "timestamp_utc": _TIMESTAMP,
            "temperature_c": "temperature temp_c",
        }
    ),
    required=(("site_id", "station_id"), ("timestamp_utc",), ("temperature_c",)),
)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How the lines of a drop split: `columns` names the target of every column, None if unused."""

    delimiter: str
    columns: tuple[str | None, ...]
    warnings: tuple[str, ...] = ()


def read_header(line: str, *, targets: HeaderTargets) -> Dialect:
    """The dialect that a header line declares (ingest API, section 5).

    Names count without case and surrounding blanks. Raises UnusableFileError when columns are
    missing, doubled, split into date and time, or look like a wide or cumulative export.
    """
    delimiter = _delimiter(line, targets)
    names = _cells(line, delimiter)
    columns = tuple(targets.aliases.get(name.lower()) for name in names)
    _refuse_date_and_time(names)
    _refuse_doubles(names, columns)
    _refuse_missing(line, delimiter, names, columns, targets)
    unknown = [name for name, target in zip(names, columns, strict=True) if target is None]
    shown = ", ".join(repr(name) for name in unknown[:20])
    warnings = (f"columns not used: {shown}",) if unknown else ()
    return Dialect(delimiter=delimiter, columns=columns, warnings=warnings)


def _delimiter(line: str, targets: HeaderTargets) -> str:
    """The delimiter under which most names are known; the first in case of a tie."""
    return max(
        _DELIMITERS,
        key=lambda sign: (
            sum(name.lower() in targets.aliases for name in _cells(line, sign)),
            line.count(sign),
        ),
    )


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        raise UnusableFileError(f"the header cannot be read ({error})") from error
    return [cell.strip() for cell in cells]


def _refuse_date_and_time(names: list[str]) -> None:
    written = {name.lower(): name for name in names}
    if "date" in written and "time" in written:
        raise UnusableFileError(
            f"columns {written['date']!r} and {written['time']!r} are separate; join them into "
            "one column timestamp_utc such as 2026-01-31T13:00:00Z (date, the letter T, time, "
            "offset)",
            column_name="timestamp_utc",
        )


def _refuse_doubles(names: list[str], columns: tuple[str | None, ...]) -> None:
    for target in dict.fromkeys(column for column in columns if column is not None):
        claims = [name for name, column in zip(names, columns, strict=True) if column == target]
        if len(claims) > 1:
            shown = " and ".join(repr(name) for name in claims)
            raise UnusableFileError(
                f"columns {shown} both mean {target}; keep one of them", column_name=target
            )


def _refuse_missing(
    line: str,
    delimiter: str,
    names: list[str],
    columns: tuple[str | None, ...],
    targets: HeaderTargets,
) -> None:
    missing = [
        " or ".join(group)
        for group in targets.required
        if not any(target in columns for target in group)
    ]
    if not missing:
        return
    found = ", ".join(repr(name) for name in names[:20])
    parts = [f"the header lacks {', '.join(missing)}; found {found}"]
    others = [sign for sign in _DELIMITERS if sign != delimiter and sign in line]
    if others:
        parts.append(
            f"it mixes the delimiters {_DELIMITERS[delimiter]} and "
            f"{' and '.join(_DELIMITERS[sign] for sign in others)}"
        )
    parts.append(_likely_cause(names, columns, missing))
    raise UnusableFileError("; ".join(part for part in parts if part), column_name=missing[0])


def _likely_cause(names: list[str], columns: tuple[str | None, ...], missing: list[str]) -> str:
    unknown = [name for name, target in zip(names, columns, strict=True) if target is None]
    if "value" not in missing:
        return ""
    registers = [name for name in unknown if _is_register(name)]
    others = len(unknown) - len(registers)
    if "timestamp_utc" in columns and "meter_id" in missing and others:
        return (
            "this looks like a wide export with one column per meter; send one row per meter and "
            "interval with columns site_id, meter_id, timestamp_utc, value"
        )
    if registers:
        return (
            f"{registers[0]!r} looks like a cumulative register; send the energy of each "
            "interval, which is the difference between two readings, as column value"
        )
    return ""


def _is_register(name: str) -> bool:
    return not _REGISTER_WORDS.isdisjoint(re.split(r"[^a-z\u00e4]+", name.lower()))
