"""The pilot's register as the CSV texts a client would fill in; prices and factors illustrative."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

from cei_assets.simulation.design import (
    BOLOGNA,
    CHILLER,
    COMPRESSORS,
    HVAC,
    MAIN,
    ORGANIZATION_ID,
    PROCESS,
    QUARTER_HOUR_METER,
    SITES,
    SUBMETERS,
    WAREHOUSE,
    ZONE,
    closures,
)
from cei_assets.simulation.waste import MEASURE_ID, measure_day

DESCRIPTIONS = {
    MAIN: "Main incomer, medium voltage",
    COMPRESSORS: "Compressor bank",
    CHILLER: "Process chiller",
    HVAC: "Heating, ventilation, air conditioning",
    PROCESS: "Process line",
    WAREHOUSE: "Warehouse and cold room",
}
CURRENCY = "EUR"
F1, F2, F3 = "0.246000", "0.232000", "0.198000"
# Italian time bands without their holiday rule: first and last weekday, first hour, end, price.
BANDS = (
    (0, 4, 0, 7, F3),
    (0, 4, 7, 8, F2),
    (0, 4, 8, 19, F1),
    (0, 4, 19, 23, F2),
    (0, 4, 23, 24, F3),
    (5, 5, 0, 7, F3),
    (5, 5, 7, 23, F2),
    (5, 5, 23, 24, F3),
    (6, 6, 0, 24, F3),
)
KGCO2E_PER_KWH = "0.270"
EMISSION_SOURCE = "illustrative figure of the simulation, not a published factor"
CAPEX = "6500.00"


def register_texts(*, first_day: date, end_day: date) -> dict[str, str]:
    """Register tables as CSV text, by table name; meters are expected on the simulated days."""
    return {
        "organizations": _text(
            ("organization_id", "organization_name"), [(ORGANIZATION_ID, "Pilot manufacturing")]
        ),
        "sites": _sites(),
        "meters": _meters(first_day, end_day - timedelta(days=1)),
        "operating_hours": _operating_hours(first_day),
        "closures": _text(
            ("site_id", "first_day", "last_day", "reason"),
            [
                (design.site_id, first, last, reason)
                for design in SITES
                for first, last, reason in closures(first_day, end_day)
            ],
        ),
        "tariffs": _tariffs(first_day),
        "emission_factors": _text(
            ("country", "site_id", "year", "kgco2e_per_kwh", "source"),
            [
                ("IT", "", year, KGCO2E_PER_KWH, EMISSION_SOURCE)
                for year in range(first_day.year, end_day.year + 1)
            ],
        ),
        "measures": _measures(first_day, end_day),
    }


def _sites() -> str:
    return _text(
        ("site_id", "organization_id", "site_name", "timezone", "country", "subdivision",
         "floor_area_m2"),
        [
            (design.site_id, ORGANIZATION_ID, design.site_name, ZONE, "IT", design.subdivision,
             design.floor_area_m2)
            for design in SITES
        ],
    )  # fmt: skip


def _meters(first_day: date, last_day: date) -> str:
    rows = []
    for design in SITES:
        for meter in (MAIN, *SUBMETERS):
            is_main = meter == MAIN
            seconds, label = (900, "end") if meter == QUARTER_HOUR_METER else (3600, "start")
            rows.append(
                (design.site_id, meter, DESCRIPTIONS[meter],
                 "main_incomer" if is_main else "submeter", "" if is_main else MAIN,
                 seconds, label, first_day, last_day)
            )  # fmt: skip
    return _text(
        ("site_id", "meter_id", "description", "role", "parent_meter_id", "interval_seconds",
         "interval_label", "expected_from", "expected_to"),
        rows,
    )  # fmt: skip


def _operating_hours(first_day: date) -> str:
    return _text(
        ("site_id", "weekday", "opens", "closes", "valid_from", "valid_to"),
        [
            (design.site_id, weekday, shift.opens, shift.closes, first_day, "")
            for design in SITES
            for shift in design.shifts
            for weekday in shift.weekdays
        ],
    )


def _tariffs(first_day: date) -> str:
    return _text(
        ("site_id", "valid_from", "valid_to", "currency", "price_per_kwh", "hour_from", "hour_to",
         "weekday_from", "weekday_to"),
        [
            (design.site_id, first_day, "", CURRENCY, price, hour_from, hour_to, weekday_from,
             weekday_to)
            for design in SITES
            for weekday_from, weekday_to, hour_from, hour_to, price in BANDS
        ],
    )  # fmt: skip


def _measures(first_day: date, end_day: date) -> str:
    return _text(
        ("measure_id", "site_id", "meter_id", "description", "implemented_on", "capex",
         "currency"),
        [(MEASURE_ID, BOLOGNA.site_id, COMPRESSORS, "Compressed-air leaks repaired",
          measure_day(first_day, end_day), CAPEX, CURRENCY)],
    )  # fmt: skip


def _text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return sink.getvalue()
