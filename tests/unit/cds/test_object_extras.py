"""What reviewers asked for: kinds of series, quality of other lists, energy and CO2e by fuel."""

from decimal import Decimal
from typing import Any

import pytest

from cei_assets.contracts.cds_quality_words import (
    QUALITY_WORDS,
    EnerginetQuality,
    QualityScheme,
)
from cei_assets.contracts.cds_vocabulary import (
    COUNTED_SERIES_KINDS,
    CdsCode,
    CdsDialect,
    CdsSeriesKind,
)
from cei_assets.contracts.vocabulary import ReadingQuality, UploadStatus
from cei_assets.core.cds.quality_words import energinet_quality, quality_word, reading_quality
from tests.cds_segments import NET, Raw, codes, judged, net, places, rows, segment


def kinds_of(segment_kind: object = ..., format_kind: object = ...) -> list[str]:
    """Kinds of series of one segment of one format."""
    form = dict(NET) if format_kind is ... else {**NET, "series_kind": format_kind}
    extra: dict[str, Any] = {} if segment_kind is ... else {"series_kind": segment_kind}
    verdict = judged(segment(*net(1), formats=[form], **extra))
    return [kind for (kind,) in rows(verdict, "series_kind")]


def test_a_series_is_measured_unless_the_body_says_otherwise() -> None:
    assert kinds_of() == ["measured"]
    assert kinds_of(None, None) == ["measured"]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("settlement", "settlement"),
        ("telemetry", "telemetry"),
        ("scada", "telemetry"),
        ("forecast_day_ahead", "forecast_day_ahead"),
        ("forecast_hour_ahead", "forecast_hour_ahead"),
    ],
)
def test_a_segment_or_a_format_says_what_its_series_is(word: str, kind: str) -> None:
    assert kinds_of(segment_kind=word) == [kind]
    assert kinds_of(format_kind=word) == [kind]
    assert kinds_of(segment_kind="settlement", format_kind=word) == [kind]


@pytest.mark.parametrize("word", ["forecast_week_ahead", "", 7, ["scada"]])
def test_a_kind_that_nobody_knows_never_counts_as_measured(word: object) -> None:
    verdict = judged(segment(*net(1), series_kind=word))
    assert rows(verdict, "series_kind") == [("other",)]
    assert CdsSeriesKind.OTHER not in COUNTED_SERIES_KINDS
    assert places(verdict, CdsCode.UNKNOWN_WORD) == ["/usage_segments/0/series_kind"]
    assert sum(verdict.findings.unknown_words.values()) == 1


def test_forecasts_and_telemetry_never_count_as_measured() -> None:
    assert set(COUNTED_SERIES_KINDS) == {CdsSeriesKind.MEASURED, CdsSeriesKind.SETTLEMENT}


def test_net_of_a_forecast_is_not_held_against_what_was_measured() -> None:
    measured = [
        {**NET, "id": name, "direction": name, **extra}
        for name, extra in (
            ("forward", {}),
            ("reverse", {}),
            ("net", {"series_kind": "forecast_day_ahead"}),
        )
    ]
    verdict = judged(segment([{"eu": 5}, {"eu": -1}, {"eu": 9}], formats=measured))
    assert not codes(verdict)


@pytest.mark.parametrize("state", EnerginetQuality)
def test_energinets_four_states_go_both_ways(state: EnerginetQuality) -> None:
    quality, is_complete = reading_quality(state)
    assert energinet_quality(quality, is_complete=is_complete) is state


@pytest.mark.parametrize("quality", ReadingQuality)
def test_every_quality_of_ours_is_one_of_the_four_states(quality: ReadingQuality) -> None:
    estimated = quality is ReadingQuality.ESTIMATED
    state = EnerginetQuality.ESTIMATED if estimated else EnerginetQuality.AS_PROVIDED
    assert energinet_quality(quality) is state
    assert energinet_quality(quality, is_complete=False) is EnerginetQuality.INCOMPLETE
    assert energinet_quality(None) is EnerginetQuality.NOT_AVAILABLE


CROSSWALK = {
    "revenue": "19", "valid": "0 17 18", "raw": "14 A04 as_provided", "manual": "7",
    "estimated": "8 9 A03 estimated", "calculated": "11 15", "corrected": "A01",
    "unknown": "10 12 13 16 A02 A05 not_available incomplete",
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "quality"),
    [(word, quality) for quality, words in CROSSWALK.items() for word in words.split()],
)
def test_words_of_other_lists_are_read_as_the_crosswalk_says(word: str, quality: str) -> None:
    verdict = judged(segment(*net(None), formats=[{**NET, "quality": word}]))
    # Estimated is a word of CDS too.
    text = None if word == "estimated" else word
    assert rows(verdict, "reading_quality quality_text") == [(quality, text)]
    assert not verdict.findings.counts


def test_the_crosswalk_has_every_word_once() -> None:
    words = [found.word for found in QUALITY_WORDS]
    assert sorted(words) == sorted(" ".join(CROSSWALK.values()).split())
    assert {found.scheme for found in QUALITY_WORDS} == set(QualityScheme)


@pytest.mark.parametrize("text", ["As provided", "AS-PROVIDED", " a04 "])
def test_states_are_read_however_they_are_spelled(text: str) -> None:
    found = quality_word(text)
    assert found is not None
    assert found.quality is ReadingQuality.RAW


def test_a_code_may_be_written_as_a_number() -> None:
    verdict = judged(segment(*net(1), formats=[{**NET, "quality": 19}]))
    assert rows(verdict, "reading_quality quality_text") == [("revenue", "19")]


def test_a_word_of_no_list_is_told_and_not_said() -> None:
    verdict = judged(segment(*net(1), formats=[{**NET, "quality": "A09"}]))
    assert rows(verdict, "reading_quality quality_text") == [("unknown", None)]
    assert verdict.findings.unknown_words == {"quality=A09": 1}


def test_a_forecast_by_its_quality_is_not_measured() -> None:
    form = {**NET, "quality": "12"}
    assert rows(judged(segment(*net(1), formats=[form])), "series_kind") == [("other",)]
    named = {**form, "series_kind": "forecast_hour_ahead"}
    verdict = judged(segment(*net(1), formats=[named]))
    assert rows(verdict, "series_kind") == [("forecast_hour_ahead",)]


def test_values_that_are_said_to_be_not_available_are_kept_and_told() -> None:
    form = {**NET, "quality": "not_available"}
    verdict = judged(segment(*net(None, 2), formats=[form]))
    assert rows(verdict, "value_status cds_value") == [("missing", None), ("value", Decimal(2))]
    assert places(verdict, CdsCode.QUALITY_MISMATCH) == ["/usage_segments/0/values/1/0"]


MIX = {"id": "s", "type": "electric_supply_mix", "indexes": [0], "attribution": "base",
       "supply_type": "wind"}  # fmt: skip


def mix_rows(*segments: object) -> list[dict[str, Any]]:
    """Rows of the supply mix of segments that go in whole."""
    verdict = judged(*segments)
    assert verdict.status is UploadStatus.ACCEPTED
    found: list[dict[str, Any]] = verdict.tables.supply_mix.to_pylist()
    return found


def test_energy_and_emissions_of_a_share_stand_beside_it() -> None:
    value = {"sm": 1, "ci": 20, "kwh": Raw("3.999"), "tco2e": Raw("0.000079")}
    (row,) = mix_rows(segment([{"eu": 4}, value], formats=[NET, MIX]))
    assert (row["stated_kwh"], row["stated_tco2e"]) == (Decimal("3.999"), Decimal("0.000079"))
    # What follows from the share is not replaced by what is stated.
    assert (row["share_kwh"], row["emissions_g"]) == (4, 80)


def test_a_mix_without_absolute_amounts_states_none() -> None:
    (row,) = mix_rows(segment([{"eu": 4}, {"sm": 1}], formats=[NET, MIX]))
    assert (row["stated_kwh"], row["stated_tco2e"]) == (None, None)


def test_an_amount_that_is_no_number_is_left_out_and_told() -> None:
    value = {"sm": 1, "kwh": "much", "tco2e": Raw("1e40")}
    verdict = judged(segment([{"eu": 4}, value], formats=[NET, MIX]))
    (row,) = verdict.tables.supply_mix.to_pylist()
    assert (row["share"], row["stated_kwh"], row["stated_tco2e"]) == (1, None, None)
    place = "/usage_segments/0/values/0/1"
    assert places(verdict, CdsCode.VALUE_TYPE) == [f"{place}/kwh", f"{place}/tco2e"]


def test_items_of_the_old_mix_may_state_amounts_too() -> None:
    items = [
        {"type": "wind", "mix": Raw("0.25"), "kwh": 1, "tco2e": 0},
        {"type": "coal", "mix": Raw("0.75"), "kwh": 3, "tco2e": Raw("0.003")},
    ]
    found = mix_rows(segment([{"v": 4}, items], formats=["kwh_net", "supply_mix"], key="format"))
    assert [(row["share_kwh"], row["stated_kwh"]) for row in found] == [(1, 1), (3, 3)]
    assert [row["stated_tco2e"] for row in found] == [0, Decimal("0.003")]


def test_sources_in_kwh_are_amounts_without_shares() -> None:
    items = [
        {"t": "coal", "v": Raw("5.0")},
        {"t": "solar", "v": Raw("2.5"), "cds_eac_id": "eac-1"},
        {"t": "fossil", "v": Raw("3.0")},
    ]
    sent = segment([{"v": Raw("10.5")}, items], formats=["kwh_net", "kwh_sources"], key="format")
    verdict = judged(sent)
    assert verdict.dialect is CdsDialect.A
    assert verdict.findings.unknown_words == {"t=fossil": 1}
    assert not verdict.findings.unknown_fields
    found = verdict.tables.supply_mix.to_pylist()
    assert [row["stated_kwh"] for row in found] == [Decimal("5"), Decimal("2.5"), Decimal("3")]
    assert [row["supply_type"] for row in found] == ["coal", "solar", None]
    assert [row["supply_type_text"] for row in found] == ["coal", "solar", "fossil"]
    assert {(row["share"], row["value_status"]) for row in found} == {(None, "value")}
    assert [row["described_kwh"] for row in found] == [Decimal("10.5")] * 3
    certificates = verdict.tables.relations.to_pylist()
    assert ("eac", "eac-1") in {(row["relation_kind"], row["related_id"]) for row in certificates}


@pytest.mark.parametrize(("unit", "wh"), [("Wh", 7), ("kWh", 7_000), ("MWh", 7_000_000)])
def test_energy_is_exact_in_wh_as_well_as_in_kwh(unit: str, wh: int) -> None:
    verdict = judged(segment(*net(7), formats=[{**NET, "units": unit}]))
    assert rows(verdict, "energy_wh energy_kwh") == [(Decimal(wh), Decimal(wh) / 1000)]
