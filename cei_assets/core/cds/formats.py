"""Value formats of the three dialects, in the words of the newest (C)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cei_assets.contracts.cds_vocabulary import (
    CdsAttribution,
    CdsCode,
    CdsDemandType,
    CdsKnowledge,
    CdsSeason,
    CdsSeriesKind,
    CdsSupplyType,
    CdsTier,
    CdsTimeOfUse,
    CdsValueType,
)
from cei_assets.contracts.vocabulary import FlowDirection, ReadingQuality
from cei_assets.core.cds.finding import CdsReadError, Findings
from cei_assets.core.cds.members import (
    Word,
    count_unknown,
    ids,
    is_text,
    optional_text,
    required_text,
    word,
)
from cei_assets.core.cds.quality_words import NO_QUALITY, StatedQuality, read_quality
from cei_assets.core.cds.series_kinds import series_kind
from cei_assets.core.intake.batch_body import Number, clean, type_name

VALUE_KEYS: dict[CdsValueType, str] = {
    CdsValueType.ELECTRIC_USAGE: "eu",
    CdsValueType.ELECTRIC_DEMAND: "ed",
    CdsValueType.ELECTRIC_SUPPLY_MIX: "sm",
    CdsValueType.WATER_USAGE: "wu",
    CdsValueType.NATURAL_GAS_USAGE: "gu",
    CdsValueType.FUEL_OIL_USAGE: "fu",
    CdsValueType.COST: "c",
    CdsValueType.METER_READINGS: "r",
}
"""The member of a value object that holds the value, in dialect C."""

OLD_VALUE_KEY = "v"
"""The same in dialects A and B."""

_INSTANTANEOUS = (CdsDemandType.STARTING, CdsDemandType.ENDING)
_KNOWN_MEMBERS = (
    "id", "type", "units", "direction", "tou", "tier", "season", "quality", "related_meterdevices",
    "demand_type", "indexes", "attribution", "supply_type", "currency", "related_meterdevice",
    "register", "series_kind",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Designation:
    """An optional designation: absence means that nobody knows, null that there is none."""

    value: str | None = None
    known: CdsKnowledge = CdsKnowledge.UNKNOWN


NOT_SAID = Designation()


@dataclass(frozen=True, kw_only=True)
class ValueFormat:
    """What the values at one position of every set mean.

    `value_type` is None for a type that is not known, whose values are ignored. `value_key` is
    the member that holds the value. `lists_shares` marks the supply mix of dialects A and B, one
    list of shares a slot. `indexes` are the positions described by a cost or a share.
    """

    position: int
    format_id: str
    value_type: CdsValueType | None
    value_key: str = OLD_VALUE_KEY
    unit: str | None = None
    direction: FlowDirection | None = None
    stated_quality: StatedQuality = NO_QUALITY
    series_kind: CdsSeriesKind | None = None
    demand_type: CdsDemandType | None = None
    tou: Designation = NOT_SAID
    tier: Designation = NOT_SAID
    season: Designation = NOT_SAID
    register: Designation = NOT_SAID
    meters: tuple[str, ...] = ()
    indexes: tuple[int, ...] = ()
    attribution: CdsAttribution | None = None
    supply_type: CdsSupplyType | None = None
    currency: str | None = None
    lists_shares: bool = False
    is_aggregated: bool = False

    @property
    def quality(self) -> ReadingQuality:
        """Quality of all values, in our words."""
        return self.stated_quality.quality

    @property
    def is_point_in_time(self) -> bool:
        """Whether values hold at an instant: register readings, starting and ending demand."""
        is_reading = self.value_type is CdsValueType.METER_READINGS
        return is_reading or self.demand_type in _INSTANTANEOUS


def _old(
    value_type: CdsValueType,
    unit: str | None = None,
    direction: FlowDirection | None = None,
    quality: ReadingQuality = ReadingQuality.UNKNOWN,
) -> ValueFormat:
    stated = StatedQuality(quality=quality)
    return ValueFormat(
        position=0, format_id="", value_type=value_type, unit=unit, direction=direction,
        stated_quality=stated,
    )  # fmt: skip


_USAGE = CdsValueType.ELECTRIC_USAGE
_FORWARD, _REVERSE, _NET = FlowDirection.FORWARD, FlowDirection.REVERSE, FlowDirection.NET
_MIX = replace(_old(CdsValueType.ELECTRIC_SUPPLY_MIX), lists_shares=True)
A_FORMATS: dict[str, ValueFormat] = {
    "kwh_net": _old(_USAGE, "kWh", _NET),
    "kwh_fwd": _old(_USAGE, "kWh", _FORWARD),
    "kwh_rev": _old(_USAGE, "kWh", _REVERSE),
    "kwh_fwd_estimate": _old(_USAGE, "kWh", _FORWARD, ReadingQuality.ESTIMATED),
    "kwh_fwd_raw": _old(_USAGE, "kWh", _FORWARD, ReadingQuality.RAW),
    "eac_kwh": _old(CdsValueType.EACS_APPLIED, "kWh"),
}
"""Format strings of dialect A; `supply_mix` it shares with B."""

B_FORMATS: dict[str, ValueFormat] = {
    "usage_kwh": _old(_USAGE, "kWh"),
    "usage_fwd_kwh": _old(_USAGE, "kWh", _FORWARD),
    "usage_rev_kwh": _old(_USAGE, "kWh", _REVERSE),
    "usage_net_kwh": _old(_USAGE, "kWh", _NET),
    "aggregated_kwh": replace(_old(_USAGE, "kWh"), is_aggregated=True),
    "demand_kw": _old(CdsValueType.ELECTRIC_DEMAND, "kW"),
    "water_m3": _old(CdsValueType.WATER_USAGE, "m3"),
    "water_gal": _old(CdsValueType.WATER_USAGE, "gal"),
    "water_ft3": _old(CdsValueType.WATER_USAGE, "ft3"),
    "gas_therm": _old(CdsValueType.NATURAL_GAS_USAGE, "therm"),
    "gas_mmbtu": _old(CdsValueType.NATURAL_GAS_USAGE, "MMBtu"),
    "gas_ccf": _old(CdsValueType.NATURAL_GAS_USAGE, "CCF"),
    "gas_mcf": _old(CdsValueType.NATURAL_GAS_USAGE, "MCF"),
    "eacs": _old(CdsValueType.EACS_APPLIED, "kWh"),
}
"""Format strings of dialect B."""

SHARED_FORMATS: dict[str, ValueFormat] = {
    "supply_mix": _MIX,
    # Energy by fuel, in the working group's minutes of 2024-03-28 only.
    "kwh_sources": replace(_MIX, unit="kWh"),
}
_OLD_FORMATS = {**A_FORMATS, **B_FORMATS, **SHARED_FORMATS}


def read_format(item: object, position: int, *, pointer: str, findings: Findings) -> ValueFormat:
    """One entry of `formats` (or `format`): a string of A or B, or an object of C.

    Unknown types give a format whose values are ignored; unknown words of optional lists count as
    not said. Raises CdsReadError for an entry that is neither string nor object, or has no type.
    """
    if is_text(item):
        return _old_format(clean(item), position, findings=findings)
    if not isinstance(item, dict):
        raise CdsReadError(
            CdsCode.WRONG_TYPE,
            f"a format is {type_name(item)}, neither a text nor an object",
            pointer=pointer,
            value=item,
        )
    type_text = required_text(item, "type", pointer=pointer)
    format_id = optional_text(item, "id", pointer=pointer, findings=findings)
    if format_id is None:
        findings.tell(CdsCode.MISSING_KEY, pointer, "a format without id; its position stands in")
        format_id = f"#{position}"
    value_type = next((known for known in VALUE_KEYS if known.value == type_text), None)
    if value_type is None:
        findings.unknown_types[type_text] += 1
        return ValueFormat(position=position, format_id=format_id, value_type=None)
    count_unknown(item, _KNOWN_MEMBERS, of="format", findings=findings)
    return _new_format(
        item, value_type, position, format_id=format_id, pointer=pointer, findings=findings
    )


def _old_format(name: str, position: int, *, findings: Findings) -> ValueFormat:
    known = _OLD_FORMATS.get(name)
    if known is None:
        findings.unknown_types[name] += 1
        return ValueFormat(position=position, format_id=name, value_type=None)
    return replace(known, position=position, format_id=name)


def _new_format(
    item: Mapping[str, Any],
    value_type: CdsValueType,
    position: int,
    *,
    format_id: str,
    pointer: str,
    findings: Findings,
) -> ValueFormat:
    def text(name: str) -> str | None:
        return optional_text(item, name, pointer=pointer, findings=findings)

    def designated(name: str, kind: type[StrEnum]) -> Designation:
        found = word(item, name, kind, pointer=pointer, findings=findings)
        return _designation(item, name, None if found is None else found.value)

    def one_of(name: str, kind: type[Word]) -> Word | None:
        return word(item, name, kind, pointer=pointer, findings=findings)

    _tell_missing(item, value_type, pointer=pointer, findings=findings)
    meter = text("related_meterdevice")
    meters = ids(item, "related_meterdevices", pointer=pointer, findings=findings)
    return ValueFormat(
        position=position,
        format_id=format_id,
        value_type=value_type,
        value_key=VALUE_KEYS[value_type],
        unit=text("units"),
        direction=one_of("direction", FlowDirection),
        stated_quality=read_quality(item, pointer=pointer, findings=findings),
        series_kind=series_kind(item, pointer=pointer, findings=findings),
        demand_type=one_of("demand_type", CdsDemandType),
        tou=designated("tou", CdsTimeOfUse),
        tier=designated("tier", CdsTier),
        season=designated("season", CdsSeason),
        register=_designation(item, "register", text("register")),
        meters=meters if meter is None else (meter,),
        indexes=_indexes(item, pointer=pointer, findings=findings),
        attribution=one_of("attribution", CdsAttribution),
        supply_type=one_of("supply_type", CdsSupplyType),
        currency=text("currency"),
    )


def _designation(item: Mapping[str, Any], name: str, value: str | None) -> Designation:
    if value is not None:
        return Designation(value=value, known=CdsKnowledge.KNOWN)
    says_none = name in item and item[name] is None
    return Designation(known=CdsKnowledge.NONE if says_none else CdsKnowledge.UNKNOWN)


_REQUIRED: dict[CdsValueType, tuple[str, ...]] = {
    CdsValueType.ELECTRIC_USAGE: ("units",),
    CdsValueType.ELECTRIC_DEMAND: ("units", "demand_type"),
    CdsValueType.ELECTRIC_SUPPLY_MIX: ("indexes", "attribution", "supply_type"),
    CdsValueType.WATER_USAGE: ("units",),
    CdsValueType.NATURAL_GAS_USAGE: ("units",),
    CdsValueType.FUEL_OIL_USAGE: ("units",),
    CdsValueType.COST: ("currency", "indexes"),
    CdsValueType.METER_READINGS: ("units", "related_meterdevice", "register"),
}


def _tell_missing(
    item: Mapping[str, Any], value_type: CdsValueType, *, pointer: str, findings: Findings
) -> None:
    """The values stay what they are without these, so their absence refuses nothing."""
    missing = [name for name in _REQUIRED.get(value_type, ()) if name not in item]
    if missing:
        findings.tell(
            CdsCode.MISSING_KEY,
            pointer,
            f"a format without {', '.join(missing)}; read all the same",
        )


def _indexes(item: Mapping[str, Any], *, pointer: str, findings: Findings) -> tuple[int, ...]:
    found = item.get("indexes")
    if found is None:
        return ()
    if not isinstance(found, list):
        findings.tell(
            CdsCode.BAD_INDEX,
            f"{pointer}/indexes",
            f"indexes is {type_name(found)}, not a list of positions; ignored",
            found,
        )
        return ()
    positions = []
    for place, index in enumerate(found):
        if isinstance(index, Number) and index.isdecimal() and len(index) < 10:
            positions.append(int(index))
        else:
            findings.tell(
                CdsCode.BAD_INDEX,
                f"{pointer}/indexes/{place}",
                "not a position counted from 0; ignored",
                index,
            )
    return tuple(dict.fromkeys(positions))
