"""Energy of a stated quantity, whatever the case of its unit."""

from decimal import Decimal, localcontext

from cei_assets.core.cds.decimals import EXACT_DIGITS

_KWH = {"wh": Decimal("0.001"), "kwh": Decimal(1), "mwh": Decimal(1_000)}
_MOST = Decimal(10) ** 23


def kilowatt_hours(quantity: Decimal | None, unit: str | None) -> Decimal | None:
    """Exact kWh of Wh, kWh or MWh; None for other units and beyond DECIMAL(38,15)."""
    factor = _KWH.get((unit or "").lower())
    if quantity is None or factor is None:
        return None
    with localcontext(prec=EXACT_DIGITS):
        energy = quantity * factor
    return energy if abs(energy) < _MOST else None
