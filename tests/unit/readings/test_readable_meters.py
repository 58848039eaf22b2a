"""Which meters a token reads: its organization's, and nothing tells the others' from none."""

import pytest

from cei_assets.core.readings.meters import (
    UnknownPlaceError,
    chosen,
    meters_of,
    one_meter,
)
from cei_assets.core.register.verdict import judge_register
from tests.accepted_readings import REGISTER

TABLES = judge_register(REGISTER).tables
ACME = meters_of(TABLES, organization_id="acme")


def test_an_organization_has_the_meters_of_its_sites() -> None:
    assert [(meter.site_id, meter.meter_id) for meter in ACME] == [
        ("mill", "line"),
        ("mill", "main"),
        ("mill", "mute"),
        ("mill", "press"),
        ("plant", "main"),
    ]
    assert {meter.site_id: meter.timezone for meter in ACME} == {
        "mill": "Europe/Rome",
        "plant": "Asia/Kolkata",
    }


def test_a_site_without_meter_is_its_main_incomer() -> None:
    assert one_meter(ACME, site_id="mill").meter_id == "main"


def test_unknown_and_foreign_places_read_the_same() -> None:
    texts = set()
    for site, meter in (
        ("works", None),
        ("works", "main"),
        ("nowhere", None),
        ("nowhere", "main"),
        ("mill", "none"),
    ):
        with pytest.raises(UnknownPlaceError) as refused:
            one_meter(ACME, site_id=site, meter_id=meter)
        texts.add(str(refused.value))
        with pytest.raises(UnknownPlaceError) as refused:
            chosen(ACME, site_id=site, meter_id=meter)
        texts.add(str(refused.value))
    assert len(texts) == 1


def test_nothing_named_is_everything_of_ones_own() -> None:
    assert chosen(ACME) == ACME
    assert chosen((), site_id=None) == ()


def test_timestamps_of_a_meter_that_labels_ends_lie_an_interval_later() -> None:
    assert one_meter(ACME, site_id="mill", meter_id="press").label_shift.total_seconds() == 3600
    assert one_meter(ACME, site_id="mill", meter_id="line").label_shift.total_seconds() == 0
