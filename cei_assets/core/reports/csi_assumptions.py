"""Every assumption that a payment of the CSI-Thermal programme rests on, with its value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cei_assets.contracts.csi_vocabulary import (
    BTU_PER_KWH,
    BTU_PER_THERM,
    QUANTITY_DECIMALS,
    CatchUp,
    ConversionMethod,
)
from cei_assets.core.csi.months import INTERVALS_PER_DAY
from cei_assets.core.csi.timeline import TERM_MONTHS
from cei_assets.core.reports.formats import exact, number
from cei_assets.core.reports.model import Row

GUIDE, SOURCED, PROJECT = "guide", "other public source", "project decision"
NOT_USED = "none used yet"
MOST_VALUES = 4
_CATCH_UP = {
    CatchUp.PAY.value: "paid: energy is metered cumulatively",
    CatchUp.HOLD.value: "held back until somebody has looked at it",
    CatchUp.EXCLUDE.value: "left out",
}


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """One assumption: what about, its value or rule, and whence it comes."""

    topic: str
    value: str
    source: str


def assumptions(settings: Sequence[Row], terms: Sequence[Row]) -> tuple[Assumption, ...]:
    """The assumptions with the values in force.

    `settings` are rows of name, setting and rows (what published lines and uploads were made
    with); `terms` are the applications' versions.
    """
    found = _by_name(settings)
    return (
        *_quantities(found, terms),
        *_intervals(found),
        *_money(terms),
        *_time(),
        *_versions(found),
    )


def _quantities(found: Mapping[str, str], terms: Sequence[Row]) -> tuple[Assumption, ...]:
    methods = ", ".join(method.value for method in ConversionMethod)
    return (
        Assumption(
            topic="Displaced fuel, 2 tanks",
            value="sum of solar BTU (column D) / efficiency",
            source=PROJECT,
        ),
        Assumption(
            topic="Displaced fuel, 1 tank with back-up",
            value="sum over paired intervals of total BTU (column E) / efficiency less the "
            "back-up's input in BTU; a single interval may be negative",
            source=PROJECT,
        ),
        Assumption(
            topic="Displaced fuel, 1 tank without back-up",
            value="sum of total BTU (column E) / efficiency",
            source=PROJECT,
        ),
        Assumption(
            topic="Efficiency",
            value=f"{_span(terms, 'baseline_efficiency')}; column baseline_efficiency of "
            "csi_applications.csv, of the data's month; no default",
            source="register",
        ),
        Assumption(
            topic="Conversion method",
            value=f"used: {found.get('conversion_method', NOT_USED)}; known: {methods}; a month "
            "with any other is not paid",
            source=PROJECT,
        ),
        Assumption(
            topic="BTU per therm", value=number(BTU_PER_THERM), source="definition of the unit"
        ),
        Assumption(
            topic="BTU per kWh (also propane, which is paid as electricity)",
            value=str(BTU_PER_KWH),
            source="definition of the unit; propane: other public source",
        ),
    )


def _intervals(found: Mapping[str, str]) -> tuple[Assumption, ...]:
    used = found.get("catch_up", NOT_USED)
    meaning = "; ".join(
        f"{setting} = {_CATCH_UP[setting]}" for setting in used.split(", ") if setting in _CATCH_UP
    )
    return (
        Assumption(
            topic="Catch-up value (after empty intervals, above what the collectors deliver in 15 "
            "minutes)",
            value=f"{used}{f' ({meaning})' if meaning else ''}; setting CEI_CSI_CATCH_UP",
            source=PROJECT,
        ),
        Assumption(
            topic="Zero and empty intervals",
            value="kept apart, never filled in; both pay nothing",
            source=GUIDE,
        ),
        Assumption(
            topic="Negative heat",
            value="summed with its sign; lowers the payment",
            source=PROJECT,
        ),
        Assumption(
            topic="Negative back-up reading",
            value="the interval is not paid: it would raise a 1-tank payment",
            source=PROJECT,
        ),
        Assumption(
            topic="Unpaired interval (1 tank: heat without back-up reading or the reverse)",
            value="not paid: heat would be paid as if the back-up had been off",
            source=PROJECT,
        ),
        Assumption(
            topic="Meter interval reports",
            value="archived unread; never feed a payment",
            source=GUIDE,
        ),
    )


def _money(terms: Sequence[Row]) -> tuple[Assumption, ...]:
    return (
        Assumption(
            topic="Rate",
            value=f"{_span(terms, 'rate')} USD; columns rate and rate_unit of "
            "csi_applications.csv, of the quarter's last month (published in 2013: 7.27 per "
            "therm, 0.21 per kWh)",
            source="register; published rates: other public source",
        ),
        Assumption(
            topic="Rounding",
            value=f"a month's quantity to {QUANTITY_DECIMALS} decimals and at least 0; a "
            "quarter's quantity times rate half-up to cents, once; exact decimals throughout",
            source=PROJECT,
        ),
        Assumption(
            topic="Cap",
            value=f"{_span(terms, 'incentive_cap')} USD; column incentive_cap of the quarter's "
            "last month, cumulative per application, used up in the order of the quarters; empty: "
            "no cap",
            source=PROJECT,
        ),
        Assumption(
            topic="Corrections",
            value="a sealed run never changes; what came later is an adjustment line of a later "
            "run that names the quarter it adjusts",
            source=PROJECT,
        ),
    )


def _time() -> tuple[Assumption, ...]:
    return (
        Assumption(
            topic="Grid",
            value=f"labels are interval ends in Pacific Standard Time all year, "
            f"{INTERVALS_PER_DAY} a day; a month is (1st 00:00, next 1st 00:00]",
            source="inferred from the guide; fixed offset: project decision",
        ),
        Assumption(
            topic="Late",
            value="submitted after the 1st of the second month after the data, 23:59:59 in Los "
            "Angeles; no roll for weekends. A late month is not paid until it is decided to be "
            "(csi_late_decisions.csv)",
            source="deadline: guide; zone and seconds: project decision",
        ),
        Assumption(
            topic="Cutoff of a run",
            value="2nd day of the second month after the quarter, 00:00 in Los Angeles; what was "
            "submitted, authorised or decided before it counts",
            source=PROJECT,
        ),
        Assumption(
            topic="Term",
            value=f"{TERM_MONTHS} months from the month after ICF approval "
            "(first_data_month, last_data_month); paid by calendar quarter; months outside are "
            "stored, not paid",
            source=GUIDE,
        ),
    )


def _versions(found: Mapping[str, str]) -> tuple[Assumption, ...]:
    return (
        Assumption(
            topic="Version of the rules that accepted the months",
            value=found.get("validator_version", NOT_USED),
            source="software",
        ),
        Assumption(
            topic="Version of the header template",
            value=found.get("template_version", NOT_USED),
            source="guide; strings verbatim: project decision",
        ),
    )


def _by_name(settings: Sequence[Row]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in settings:
        text = str(row["setting"])
        found[row["name"]] = f"{found[row['name']]}, {text}" if row["name"] in found else text
    return found


def _span(terms: Sequence[Row], name: str) -> str:
    """The values that occur, or their ends where there are many."""
    values = sorted({row[name] for row in terms if row[name] is not None})
    if not values:
        return "not given"
    texts = [exact(value) for value in values]
    many = f"{len(texts)} values, {texts[0]} to {texts[-1]}"
    return ", ".join(texts) if len(texts) <= MOST_VALUES else many
