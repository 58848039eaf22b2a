"""What certificates say of issue, production and retirement.

No text of CDS fixes these members: names are those of the object's forms of April and August 2024,
of what reviewers asked for (EnergyTag, AIB/EECS), and of EnergyTag's registry. What cannot be read
is told and left out; it never refuses the certificate.
"""

import re
from collections.abc import Mapping

from cei_assets.core.cds.objects.content import Row
from cei_assets.core.cds.objects.energy import kilowatt_hours
from cei_assets.core.cds.objects.typed import Members

Names = tuple[str, ...]

TEXTS: Mapping[str, Names] = {
    "eac_number": ("eac_number", "issuance_id"),
    "certificate_from": (
        "certificate_number_from",
        "certificate_bundle_id_range_start",
        "bundle_id_range_start",
    ),
    "certificate_to": (
        "certificate_number_to",
        "certificate_bundle_id_range_end",
        "bundle_id_range_end",
    ),
    "certificate_unit": ("unit", "units"),
    "issuing_body": ("issuing_body", "source_name", "source_id"),
    "registry_id": ("registry", "eac_source"),
    "retirement_organisation": (
        "retirement_organisation",
        "retirement_organization",
        "destination_name",
        "destination_id",
    ),
    "beneficiary_id": ("beneficiary_id",),
    "beneficiary_name": ("beneficiary_name",),
    "program_type": ("program_type",),
    "device_id": ("production_device_id", "device_id", "asset_id"),
    "device_name": ("production_device_name", "device_name", "asset_name"),
    "device_country": ("production_device_country", "asset_country", "country"),
    "device_origin": ("asset_origination",),
    "device_destination": ("asset_destination",),
    "technology_code": ("technology_code",),
    "technology_type": ("technology_type", "device_technology_type"),
    "fuel_code": ("fuel_code", "energy_source"),
    "emission_factor_unit": ("emissions_factor_unit",),
    "emission_factor_source": ("emissions_factor_source",),
}
DAYS: Mapping[str, Names] = {
    "issue_date": ("issue_date", "issuance_date", "issued", "issuance_datestamp"),
    "retirement_date": ("retirement_date", "retired", "cancellation_date"),
    "device_commissioned": (
        "commissioning_date",
        "asset_commissioned",
        "asset_commissioning_date",
    ),
}
MOMENTS: Mapping[str, Names] = {
    "production_start_utc": ("production_start", "production_starting_interval", "start"),
    "production_end_utc": ("production_end", "production_ending_interval", "end"),
}
NUMBERS: Mapping[str, Names] = {
    "direct_emission_factor": (
        "emissions_factor_direct",
        "emissions_factor_production_device",
    ),
    "lca_emission_factor": ("emissions_factor_lca",),
}
QUANTITY: Names = ("value", "quantity", "bundle_quantity")
_SINGLE = frozenset({"eac_number", "production_start_utc", "production_end_utc"})
"""Details that alone make no row: the object has columns for them."""

_NUMBERED = re.compile(r"(.*?)([0-9]{1,30})", re.DOTALL | re.ASCII)


def certificate_details(item: Members) -> list[Row]:
    """One row per certificate of `values`, else one of the object's own; none without details.

    What a certificate does not say, its object says.
    """
    own = _lenient(item)
    of_object = _row(own)
    item.asked |= own.asked
    listed = [_row(_lenient(part)) for part in item.parts("values")]
    rows = [{**of_object, **_said(row)} for row in listed] or [of_object]
    if not listed and not (_said(of_object).keys() - _SINGLE):
        return []
    return [
        {**row, **_derived(row), "part_position": position} for position, row in enumerate(rows)
    ]


def _lenient(item: Members) -> Members:
    return Members(
        members=item.members, pointer=item.pointer, findings=item.findings, is_strict=False
    )


def _row(item: Members) -> Row:
    quantity = item.number(*QUANTITY)
    return {
        **{column: item.digits(*names) for column, names in TEXTS.items()},
        **{column: item.day(*names) for column, names in DAYS.items()},
        **{column: item.moment(*names) for column, names in MOMENTS.items()},
        **{column: item.number(*names).value for column, names in NUMBERS.items()},
        "certificate_quantity": quantity.value,
        "certificate_quantity_text": quantity.text,
    }


def _said(row: Row) -> Row:
    return {column: value for column, value in row.items() if value is not None}


def _derived(row: Row) -> Row:
    return {
        "certificate_kwh": kilowatt_hours(row["certificate_quantity"], row["certificate_unit"]),
        "certificate_count": range_count(row["certificate_from"], row["certificate_to"]),
    }


def range_count(first: str | None, last: str | None) -> int | None:
    """Certificates from the first number to the last, both counted.

    Numbers that end in digits behind the same text, such as NL-001 to NL-100; None for others.
    """
    found = [_NUMBERED.fullmatch(text) for text in (first, last) if text is not None]
    if len(found) != 2 or found[0] is None or found[1] is None or found[0][1] != found[1][1]:
        return None
    count = int(found[1][2]) - int(found[0][2]) + 1
    return count if count > 0 else None
