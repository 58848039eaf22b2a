"""Payments of the programme, computed in Python fractions: what the SQL is held against."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from csi_inputs import Upload

from cei_assets.core.csi.timeline import quarter_months, quarter_of, run_cutoff_utc

KWH_BTU = Fraction(3412142, 1000)
THERM_BTU = Fraction(100000)
READINGS = {
    "gas": ("backup_gas_therms", THERM_BTU),
    "electric": ("backup_electric_kwh", KWH_BTU),
    "propane": ("backup_propane_therms", THERM_BTU),
}
Row = Mapping[str, Any]


def half_up(value: Fraction, places: int) -> Decimal:
    """To the nearest decimal of so many places, halves away from zero."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return (Decimal(whole) * (1 if value >= 0 else -1)).scaleb(-places)


def version_in(applications: Iterable[Row], application_id: str, month: date) -> Row | None:
    """The row of the register that holds in a month."""
    for row in applications:
        begun = row["valid_from_month"] is None or row["valid_from_month"] <= month
        ended = row["valid_to_month"] is not None and row["valid_to_month"] < month
        if row["application_id"] == application_id and begun and not ended:
            return row
    return None


def quantity(upload: Upload, terms: Row, *, pays_catch_up: bool) -> Decimal:
    """Displaced fuel of an upload, in the unit of the displaced fuel."""
    efficiency = Fraction(terms["baseline_efficiency"])
    displaced = Fraction(0)
    for cell in upload.cells.values():
        if cell.get("is_catch_up") and not pays_catch_up:
            continue
        if terms["tank_configuration"] == 2:
            displaced += Fraction(cell.get("solar_btu") or 0) / efficiency
        elif terms["backup_type"] == "none":
            displaced += Fraction(cell.get("total_btu") or 0) / efficiency
        else:
            column, content = READINGS[terms["backup_type"]]
            heat, reading = cell.get("total_btu"), cell.get(column)
            if heat is not None and reading is not None and reading >= 0:
                displaced += Fraction(heat) / efficiency - Fraction(reading) * content
    unit = THERM_BTU if terms["displaced_fuel"] == "gas" else KWH_BTU
    return half_up(max(displaced, Fraction(0)) / unit, 4)


@dataclass(frozen=True, kw_only=True)
class Worth:
    """A quarter at a cutoff: whole amount, quantity, months and receipts that it rests on."""

    usd: Decimal
    quantity: Decimal
    months: str
    receipts: str


def payment_lines(
    *,
    uploads: Sequence[Upload],
    ledger: Sequence[Row],
    applications: Sequence[Row],
    replacements: Sequence[Row],
    late_decisions: Sequence[Row],
    runs: Sequence[str],
    pays_catch_up: bool,
) -> dict[tuple[str, str, str], tuple[str, Decimal, Decimal, str, str]]:
    """Kind, amount, quantity, months and receipts by run, application and quarter."""
    contents = {upload.receipt_id: upload for upload in uploads}
    lines = {}
    paid: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    nothing = Worth(usd=Decimal(0), quantity=Decimal(0), months="", receipts="")
    for run in runs:
        cutoff = run_cutoff_utc(run, zone="America/Los_Angeles")
        counted = [
            (contents[row["receipt_id"]], row)
            for row in ledger
            if _holds_at(row, cutoff)
            and (not row["csi_is_late"] or _decision(row, replacements, late_decisions, cutoff))
        ]
        worth = _worth(counted, applications, run, pays_catch_up=pays_catch_up)
        for key in sorted(worth.keys() | paid.keys()):
            now = worth.get(key, nothing)
            usd, amount = paid.get(key, (Decimal(0), Decimal(0)))
            if (now.usd, now.quantity) != (usd, amount):
                kind = "payment" if key[1] == run else "adjustment"
                lines[run, *key] = (
                    kind, now.usd - usd, now.quantity - amount, now.months, now.receipts,
                )  # fmt: skip
            paid[key] = (now.usd, now.quantity)
    return lines


def _holds_at(row: Row, cutoff: datetime) -> bool:
    begun = row["effective_from_utc"] is not None and row["effective_from_utc"] < cutoff
    ended = row["effective_to_utc"] is not None and row["effective_to_utc"] < cutoff
    return begun and not ended and row["file_type"] == "application_interval"


def _decision(
    row: Row, replacements: Iterable[Row], late_decisions: Iterable[Row], cutoff: datetime
) -> bool:
    """Whether the newest decision before the cutoff pays."""
    made = [
        (each["authorized_at_utc"], each["late_decision"])
        for each in replacements
        if each["authorization_id"] == row["authorization_id"] and each["late_decision"]
    ]
    for each in late_decisions:
        if any(each[key] != row[key] for key in ("application_id", "application_month")):
            continue
        at = each["late_decided_at_utc"]
        begun = row["effective_from_utc"] <= at
        held = begun and (row["effective_to_utc"] is None or at < row["effective_to_utc"])
        if each["late_receipt_id"] == row["receipt_id"] or (not each["late_receipt_id"] and held):
            made.append((at, each["late_decision"]))
    before = sorted((at, decision) for at, decision in made if at < cutoff)
    return bool(before) and before[-1][1] == "pay"


def _terms_of(quarter: str, applications: Sequence[Row], application_id: str) -> Row:
    """The version of the quarter's last month that belongs to the term."""
    versions = [
        version
        for month in quarter_months(quarter)
        if (version := version_in(applications, application_id, month)) is not None
        and version["first_data_month"] <= month <= version["last_data_month"]
    ]
    return versions[-1]


def _worth(
    counted: Sequence[tuple[Upload, Row]],
    applications: Sequence[Row],
    run: str,
    *,
    pays_catch_up: bool,
) -> dict[tuple[str, str], Worth]:
    quarters = defaultdict(list)
    for upload, _ in counted:
        month = upload.application_month
        terms = version_in(applications, upload.application_id, month)
        if (
            terms is not None
            and terms["first_data_month"] <= month <= terms["last_data_month"]
            and terms["conversion_method"] == "delivered_energy"
            and terms["baseline_efficiency"]
            and terms["rate"] is not None
            and quarter_of(month) <= run
        ):
            amount = quantity(upload, terms, pays_catch_up=pays_catch_up)
            quarters[upload.application_id, quarter_of(month)].append((month, upload, amount))
    worth = {}
    cumulated: dict[str, Decimal] = defaultdict(Decimal)
    for (application_id, quarter), months in sorted(quarters.items()):
        months.sort(key=lambda each: each[0])
        terms = _terms_of(quarter, applications, application_id)
        amount = sum((each[2] for each in months), Decimal(0))
        with localcontext(prec=60):
            uncapped = (amount * terms["rate"]).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        cap = terms["incentive_cap"]
        before = cumulated[application_id]
        cumulated[application_id] = after = before + uncapped
        usd = uncapped if cap is None else min(cap, after) - min(cap, before)
        worth[application_id, quarter] = Worth(
            usd=usd,
            quantity=amount,
            months=",".join(f"{month:%Y-%m}" for month, _, _ in months),
            receipts=",".join(upload.receipt_id for _, upload, _ in months),
        )
    return worth
