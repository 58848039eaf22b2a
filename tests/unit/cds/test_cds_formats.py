"""The three dialects in one vocabulary."""

import pytest

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.formats import A_FORMATS, B_FORMATS, SHARED_FORMATS
from tests.cds_segments import NET, codes, judged, places, rows, segment

SPECIFIED = {
    "kwh_net": ("electric_usage", "kWh", "net", "unknown"),
    "kwh_fwd": ("electric_usage", "kWh", "forward", "unknown"),
    "kwh_rev": ("electric_usage", "kWh", "reverse", "unknown"),
    "kwh_fwd_estimate": ("electric_usage", "kWh", "forward", "estimated"),
    "kwh_fwd_raw": ("electric_usage", "kWh", "forward", "raw"),
    "eac_kwh": ("eacs_applied", "kWh", None, "unknown"),
    "usage_kwh": ("electric_usage", "kWh", None, "unknown"),
    "usage_fwd_kwh": ("electric_usage", "kWh", "forward", "unknown"),
    "usage_rev_kwh": ("electric_usage", "kWh", "reverse", "unknown"),
    "usage_net_kwh": ("electric_usage", "kWh", "net", "unknown"),
    "aggregated_kwh": ("electric_usage", "kWh", None, "unknown"),
    "demand_kw": ("electric_demand", "kW", None, "unknown"),
    "water_m3": ("water_usage", "m3", None, "unknown"),
    "water_gal": ("water_usage", "gal", None, "unknown"),
    "water_ft3": ("water_usage", "ft3", None, "unknown"),
    "gas_therm": ("natural_gas_usage", "therm", None, "unknown"),
    "gas_mmbtu": ("natural_gas_usage", "MMBtu", None, "unknown"),
    "gas_ccf": ("natural_gas_usage", "CCF", None, "unknown"),
    "gas_mcf": ("natural_gas_usage", "MCF", None, "unknown"),
    "eacs": ("eacs_applied", "kWh", None, "unknown"),
}
NAMES = "format_id cds_value_type native_unit flow_direction reading_quality cds_value_text"


def test_every_format_string_of_the_drafts_is_known() -> None:
    assert {*A_FORMATS, *B_FORMATS} == set(SPECIFIED)
    assert set(SHARED_FORMATS) == {"supply_mix", "kwh_sources"}


@pytest.mark.parametrize("name", list(SPECIFIED))
def test_format_strings_become_the_concepts_of_the_newest_text(name: str) -> None:
    verdict = judged(segment([{"v": 3.5}], formats=[name], key="format"))
    assert verdict.dialect == ("A" if name in A_FORMATS else "B")
    assert rows(verdict, NAMES) == [(name, *SPECIFIED[name], "3.5")]


def test_a_string_of_aggregated_use_marks_its_rows() -> None:
    verdict = judged(segment([{"v": 1}, {"v": 2}], formats=["aggregated_kwh", "usage_kwh"]))
    assert rows(verdict, "is_aggregated") == [(True,), (False,)]


@pytest.mark.parametrize(
    ("formats", "key", "dialect"),
    [
        (["kwh_net"], "format", "A"),
        (["supply_mix"], "format", "A"),
        (["usage_net_kwh", "supply_mix"], "format", "B"),
        ([NET], "formats", "C"),
        ([NET], "format", "C"),
        (["kwh_net"], "formats", "A"),
        ([], "formats", "C"),
        ([], "format", "B"),
    ],
)
def test_the_dialect_follows_from_the_shape_of_the_formats(
    formats: list[object], key: str, dialect: str
) -> None:
    assert judged(segment(formats=formats, key=key)).dialect == dialect


def test_dialects_in_one_file_are_told_and_each_format_is_read_as_what_it_is() -> None:
    verdict = judged(
        segment([{"v": 1}], formats=["kwh_net"], key="format"),
        segment([{"eu": 2}], cds_usagesegment_id="b"),
    )
    assert (verdict.dialect, codes(verdict)) == ("C", {"MIXED_DIALECTS"})
    assert rows(verdict, "cds_value_text") == [("1",), ("2",)]


@pytest.mark.parametrize(
    ("value_type", "key", "members"),
    [
        ("electric_usage", "eu", {"units": "Wh"}),
        ("electric_demand", "ed", {"units": "kW", "demand_type": "peak"}),
        ("water_usage", "wu", {"units": "L"}),
        ("natural_gas_usage", "gu", {"units": "Sm3"}),
        ("fuel_oil_usage", "fu", {"units": "gal"}),
        ("cost", "c", {"currency": "USD", "indexes": []}),
        (
            "electric_supply_mix",
            "sm",
            {"indexes": [], "attribution": "base", "supply_type": "general"},
        ),
    ],
)
def test_every_type_of_the_newest_text_has_its_value_key(
    value_type: str, key: str, members: dict[str, object]
) -> None:
    verdict = judged(segment([{key: 1}], formats=[{"id": "x", "type": value_type, **members}]))
    assert rows(verdict, "cds_value_type cds_value_text") == [(value_type, "1")]
    assert codes(verdict) == set()


def test_absence_and_null_of_a_designation_are_kept_apart() -> None:
    formats = [
        {**NET, "tou": "off_peak", "tier": "tier_9", "season": "winter"},
        {**NET, "tou": None, "tier": None, "season": None},
        NET,
        {**NET, "tou": "siesta"},
    ]
    verdict = judged(segment([{"eu": 1}] * 4, formats=formats))
    assert rows(verdict, "tou tou_known tier tier_known season season_known") == [
        ("off_peak", "known", "tier_9", "known", "winter", "known"),
        (None, "none", None, "none", None, "none"),
        (None, "unknown", None, "unknown", None, "unknown"),
        (None, "unknown", None, "unknown", None, "unknown"),
    ]
    assert verdict.findings.unknown_words == {"tou=siesta": 1}
    assert places(verdict, CdsCode.UNKNOWN_WORD) == ["/usage_segments/0/formats/3/tou"]


def test_unknown_words_of_other_lists_count_as_not_said_and_refuse_nothing() -> None:
    odd = {**NET, "direction": "sideways", "quality": "divine"}
    verdict = judged(segment([{"eu": 1}], formats=[odd]))
    assert verdict.status is UploadStatus.ACCEPTED
    assert rows(verdict, "flow_direction reading_quality") == [(None, "unknown")]
    assert verdict.findings.unknown_words == {"direction=sideways": 1, "quality=divine": 1}


def test_values_of_unknown_types_are_ignored_and_counted_and_positions_stay() -> None:
    formats = [{"id": "v", "type": "riverside_voltage", "units": "V"}, NET, "gap"]
    verdict = judged(segment([{"rv": 230}, {"eu": 2}, {"v": 1}], formats=formats))
    assert verdict.status is UploadStatus.ACCEPTED
    assert rows(verdict, "format_position cds_value_text") == [(1, "2")]
    assert verdict.findings.unknown_types == {"riverside_voltage": 1, "gap": 1}
    assert verdict.tables.segments["unknown_type_count"].to_pylist() == [2]


def test_a_name_of_the_old_dialects_is_no_type_of_the_newest() -> None:
    verdict = judged(segment([{"v": 2}], formats=[{"id": "x", "type": "eacs_applied"}]))
    assert verdict.findings.unknown_types == {"eacs_applied": 1}


def test_a_format_without_what_it_must_have_is_read_and_told() -> None:
    verdict = judged(segment([{"ed": 2}], formats=[{"type": "electric_demand"}]))
    assert verdict.status is UploadStatus.ACCEPTED
    assert verdict.findings.counts == {CdsCode.MISSING_KEY: 2}
    assert rows(verdict, "format_id native_unit demand_type normal_value") == [
        ("#0", None, None, None)
    ]
