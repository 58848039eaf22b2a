"""Native units to normal ones by a versioned table; the native value always stays beside."""

from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import CdsValueType

UNIT_TABLE_VERSION = "2026-11"
"""Changes whenever a factor does.

Litre of a US gallon 3.785411784 and of a cubic foot 28.316846592 (exact, NIST Handbook 44, C). A
therm is 100,000 Btu of the International Table, 1,055.05585262 J each (ISO 31-4): 29.30711 kWh. The
US therm of 29.3001 kWh, of 59 degrees Fahrenheit, is not used.
"""

_KWH_PER_BTU = Decimal("1055.05585262") / 3_600_000
_M3_PER_FT3 = Decimal("0.028316846592")
_LITRE_PER_GALLON = Decimal("3.785411784")
_THOUSANDTH = Decimal("0.001")

FACTOR_PLACES = 18
_FACTOR = pa.decimal256(26, FACTOR_PLACES)


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """Normal unit and what a native value is multiplied by."""

    unit: str
    factor: Decimal


def _to(unit: str, **factors: Decimal | int) -> dict[str, Conversion]:
    return {
        name: Conversion(unit=unit, factor=round(Decimal(factor), FACTOR_PLACES))
        for name, factor in factors.items()
    }


_VOLUMES = {
    "m3": Decimal(1),
    "ft3": _M3_PER_FT3,
    "CCF": 100 * _M3_PER_FT3,
    "MCF": 1_000 * _M3_PER_FT3,
    "MMCF": 1_000_000 * _M3_PER_FT3,
}
CONVERSIONS: dict[CdsValueType, dict[str, Conversion]] = {
    CdsValueType.ELECTRIC_USAGE: _to("kWh", Wh=_THOUSANDTH, kWh=1, MWh=1_000),
    CdsValueType.EACS_APPLIED: _to("kWh", kWh=1),
    CdsValueType.ELECTRIC_DEMAND: _to("kW", W=_THOUSANDTH, kW=1, MW=1_000),
    CdsValueType.WATER_USAGE: _to(
        "m3", L=_THOUSANDTH, gal=_LITRE_PER_GALLON * _THOUSANDTH, **_VOLUMES
    ),
    CdsValueType.NATURAL_GAS_USAGE: {
        **_to(
            "kWh", Btu=_KWH_PER_BTU, therm=100_000 * _KWH_PER_BTU, MMBtu=1_000_000 * _KWH_PER_BTU
        ),
        # A volume holds as much energy as its heating value says, and no body states one.
        **_to("m3", **_VOLUMES),
        # Of other conditions than each other, so neither is turned into the other.
        **_to("Sm3", Sm3=1),
        **_to("scf", scf=1),
    },
    CdsValueType.FUEL_OIL_USAGE: _to("L", L=1, gal=_LITRE_PER_GALLON),
}
"""Types without an entry, and units without one, have no normal value."""


def conversion(value_type: CdsValueType | None, unit: str | None) -> Conversion | None:
    """How values of a type in a unit become normal ones, None where the table does not say."""
    if value_type is None or unit is None:
        return None
    return CONVERSIONS.get(value_type, {}).get(unit)


def watt_hours(value_type: CdsValueType | None, unit: str | None) -> Decimal | None:
    """Watt hours of a unit of electric energy, None for anything else."""
    found = conversion(value_type, unit)
    is_energy = found is not None and value_type is CdsValueType.ELECTRIC_USAGE
    return 1_000 * found.factor if is_energy and found is not None else None


def scaled(values: pa.Array, factors: pa.Array, *, places: int) -> pa.Array:
    """DECIMAL(38,12) values times decimal factors, as DECIMAL(38,places), half-even.

    Null where either is, and where the product has more digits than such a decimal holds.
    """
    wide = pc.multiply(values.cast(pa.decimal256(38, 12)), factors.cast(_FACTOR))
    return fitted(wide, places=places)


def fitted(wide: pa.Array, *, places: int) -> pa.Array:
    """Decimals of any size as DECIMAL(38,places), half-even; null where they do not fit."""
    rounded = pc.round(wide, ndigits=places, round_mode="half_to_even")
    bound = pa.scalar(Decimal(10) ** (38 - places) - 1, pa.decimal256(38 - places, 0))
    fits = pc.less_equal(pc.abs(rounded), bound.cast(pa.decimal256(76, rounded.type.scale)))
    return pc.if_else(fits, rounded, None).cast(pa.decimal128(38, places))
