"""Costs and shares of supply beside the rows that their indexes name."""

from decimal import Decimal

import pytest

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.contracts.vocabulary import UploadStatus
from tests.cds_segments import NET, Raw, codes, judged, places, segment

COST = {"id": "c", "type": "cost", "currency": "EUR", "indexes": [0]}
SOLAR = {
    "id": "s", "type": "electric_supply_mix", "indexes": [0], "attribution": "individual",
    "supply_type": "solar",
}  # fmt: skip
REST = {**SOLAR, "id": "g", "attribution": "residual", "supply_type": "general"}
WATT_HOURS = {**NET, "units": "Wh"}


def mix(
    *sets: list[object], formats: list[object], names: str, key: str = "formats"
) -> list[object]:
    found = judged(segment(*sets, formats=formats, key=key)).tables.supply_mix.to_pylist()
    return [tuple(row[name] for name in names.split()) for row in found]


def test_a_cost_stands_beside_every_format_that_it_is_for() -> None:
    formats = [NET, {**COST, "indexes": [0, 2]}, {**NET, "id": "other"}]
    sets = [[{"eu": 1}, {"c": Raw("0.05")}, {"eu": 2}], [{"eu": 3}, None, {"eu": 4}]]
    found = judged(segment(*sets, formats=formats)).tables.costs.to_pylist()
    names = "set_position described_position described_count currency value_status cds_cost_text"
    assert [tuple(row[name] for name in names.split()) for row in found] == [
        (0, 0, 2, "EUR", "value", "0.05"),
        (1, 0, 2, "EUR", "missing", None),
        (0, 2, 2, "EUR", "value", "0.05"),
        (1, 2, 2, "EUR", "missing", None),
    ]


@pytest.mark.parametrize(
    ("indexes", "told"),
    [
        pytest.param([], 0, id="none"),
        pytest.param([7], 1, id="not there"),
        pytest.param([1], 1, id="itself"),
        pytest.param([2], 1, id="of an unknown type"),
        pytest.param([-1], 1, id="negative"),
        pytest.param(["0"], 1, id="text"),
        pytest.param([Raw("0.0")], 1, id="fraction"),
        pytest.param(0, 1, id="no list"),
        pytest.param([7, 1, 2], 3, id="all of it"),
    ],
)
def test_a_cost_of_nothing_that_is_there_comes_once(indexes: object, told: int) -> None:
    formats = [NET, {**COST, "indexes": indexes}, {"id": "u", "type": "riverside_voltage"}]
    verdict = judged(segment([{"eu": 1}, {"c": 2}, None], formats=formats))
    assert verdict.status is UploadStatus.ACCEPTED
    assert verdict.findings.counts[CdsCode.BAD_INDEX] == told
    (row,) = verdict.tables.costs.to_pylist()
    assert (row["described_position"], row["described_count"], row["cds_cost"]) == (None, 0, 2)


def test_indexes_count_within_their_own_segment() -> None:
    first = segment([{"eu": 1}, {"c": 5}], formats=[NET, COST])
    second = segment([{"c": 6}, {"eu": 2}], formats=[{**COST, "indexes": [1]}, NET],
                     cds_usagesegment_id="b")  # fmt: skip
    found = judged(first, second).tables.costs.to_pylist()
    assert [(row["described_position"], row["cds_cost"]) for row in found] == [(0, 5), (1, 6)]


def test_shares_of_a_later_segment_describe_its_own_energy() -> None:
    sets = [{"eu": 1}, {"sm": 1, "ci": 10}], [{"eu": 7}, {"sm": 1, "ci": 10}]
    later = {"cds_usagesegment_id": "b"}
    first, second = (segment(one, formats=[NET, SOLAR]) for one in sets)
    found = judged(first, {**second, **later}).tables.supply_mix.to_pylist()
    assert [(row["described_kwh"], row["emissions_g"]) for row in found] == [(1, 10), (7, 70)]
    old = [segment([{"v": v}, [{"mix": 1}]], formats=["kwh_net", "supply_mix"]) for v in (1, 7)]
    listed = judged(old[0], {**old[1], **later}).tables.supply_mix.to_pylist()
    assert [row["share_kwh"] for row in listed] == [1, 7]


def test_emissions_are_energy_times_share_times_intensity() -> None:
    sets = [
        [{"eu": 2500}, {"sm": Raw("0.25"), "ci": Raw("12.5")}, {"sm": Raw("0.75"), "ci": 400}],
        [{"eu": 1000}, {"sm": Raw("0.5")}, {"sm": Raw("0.5"), "ci": None}],
        [None, {"sm": 1, "ci": 10}, {"sm": 0, "ci": 0}],
        [{"eu": 1000}, None, {"sm": 1, "ci": 1}],
    ]
    names = "set_position supply_type value_status described_kwh share_kwh emissions_g"
    assert mix(*sets, formats=[WATT_HOURS, SOLAR, REST], names=names) == [
        (0, "solar", "value", Decimal("2.5"), Decimal("0.625"), Decimal("7.8125")),
        (1, "solar", "value", 1, Decimal("0.5"), None),
        (2, "solar", "value", None, None, None),
        (3, "solar", "missing", 1, None, None),
        (0, "general", "value", Decimal("2.5"), Decimal("1.875"), 750),
        (1, "general", "value", 1, Decimal("0.5"), None),
        (2, "general", "value", None, None, None),
        (3, "general", "value", 1, 1, 1),
    ]


def test_shares_describe_energy_only_where_it_is_electric() -> None:
    water = {"id": "w", "type": "water_usage", "units": "m3"}
    sets = [[{"wu": 3}, {"sm": 1, "ci": 10}]]
    names = "described_position described_kwh emissions_g"
    assert mix(*sets, formats=[water, SOLAR], names=names) == [(0, None, None)]


def test_a_share_beyond_all_use_has_no_product_and_keeps_its_value() -> None:
    sets = [[{"eu": 1}, {"sm": Raw("1e20"), "ci": 1}]]
    assert mix(*sets, formats=[NET, SOLAR], names="share share_kwh emissions_g") == [
        (Decimal("1e20"), None, None)
    ]


def test_intensity_that_is_no_number_is_told_and_left_out() -> None:
    verdict = judged(segment([{"eu": 1}, {"sm": 1, "ci": "low"}], formats=[NET, SOLAR]))
    assert verdict.tables.supply_mix["carbon_intensity"].to_pylist() == [None]
    assert places(verdict, CdsCode.VALUE_TYPE) == ["/usage_segments/0/values/0/1/ci"]


def shares(**kinds: str) -> set[str]:
    """Codes found in one set of base shares by kind; `_` for a missing share."""
    formats = [{**SOLAR, "attribution": "base", "supply_type": kind} for kind in kinds]
    slots = [None if text == "_" else {"sm": Raw(text)} for text in kinds.values()]
    return codes(judged(segment([{"eu": 1}, *slots], formats=[NET, *formats])))


def test_shares_of_a_mix_add_up_to_one() -> None:
    assert shares(solar="0.4", coal="0.6") == set()
    assert shares(solar="0.333", coal="0.333", wind="0.333") == set()
    assert shares(solar="0.4", coal="0.5") == {"SHARES_SUM"}
    assert shares(solar="0.4", coal="0.7") == {"SHARES_SUM"}


def test_kinds_within_another_are_counted_in_it() -> None:
    assert shares(carbonfree="0.6", solar="0.4", wind="0.2", coal="0.4") == set()
    assert shares(natural_gas="0.7", peaker="0.2", coal="0.3") == set()
    assert shares(natural_gas="0.5", peaker="0.2", coal="0.3") == {"SHARES_SUM"}


def test_a_mix_with_a_missing_share_is_not_summed() -> None:
    assert shares(solar="0.4", coal="_") == set()


def test_base_is_whole_of_itself_individual_and_residual_share() -> None:
    base = {**SOLAR, "attribution": "base", "supply_type": "coal"}
    sets = [[{"eu": 1}, {"sm": Raw("0.25")}, {"sm": Raw("0.75")}, {"sm": 1}]]
    assert codes(judged(segment(*sets, formats=[NET, SOLAR, REST, base]))) == set()
    sets = [[{"eu": 1}, {"sm": Raw("0.25")}, {"sm": Raw("0.5")}, {"sm": Raw("0.25")}]]
    verdict = judged(segment(*sets, formats=[NET, SOLAR, REST, base]))
    assert places(verdict, CdsCode.SHARES_SUM) == ["/usage_segments/0/values/0"] * 2


def test_lists_of_shares_describe_the_one_electric_usage_of_their_segment() -> None:
    listed = [{"type": "solar", "mix": Raw("0.40")}, {"type": "mystery", "mix": Raw("0.6")}]
    sets = [[{"v": 2}, listed], [{"v": 3}, None], [{"v": 4}, []]]
    names = "set_position mix_part described_position supply_type supply_type_text share_text"
    found = mix(*sets, formats=["kwh_net", "supply_mix"], names=f"{names} share_kwh", key="format")
    assert found == [
        (0, 0, 0, "solar", "solar", "0.40", Decimal("0.8")),
        (0, 1, 0, None, "mystery", "0.6", Decimal("1.2")),
        (1, 0, 0, None, None, None, None),
        (2, 0, 0, None, None, None, None),
    ]


def test_lists_of_shares_describe_nothing_where_several_usages_could_be_meant() -> None:
    sets = [[{"v": 2}, {"v": 1}, [{"type": "solar", "mix": 1}]]]
    formats = ["kwh_net", "kwh_fwd", "supply_mix"]
    names = "described_position described_kwh share"
    assert mix(*sets, formats=formats, names=names, key="format") == [(None, None, 1)]


def test_shares_of_a_list_that_are_none_are_refused_alone() -> None:
    listed = [{"type": "solar", "mix": True}, 5, {"type": "coal", "mix": Raw("1e99")}, {"mix": 1}]
    formats = ["kwh_net", "supply_mix"]
    verdict = judged(segment([{"v": 2}, listed], [{"v": 2}, {"mix": 1}], formats=formats))
    found = [(row["value_status"], row["share"]) for row in verdict.tables.supply_mix.to_pylist()]
    assert found == [("invalid", None)] * 3 + [("value", 1), ("invalid", None)]
    assert verdict.status is UploadStatus.PARTIAL
    assert verdict.tables.rejects["json_pointer"].to_pylist() == [
        "/usage_segments/0/values/0/1/0/mix",
        "/usage_segments/0/values/0/1/1",
        "/usage_segments/0/values/0/1/2/mix",
        "/usage_segments/0/values/1/1",
    ]


def test_certificates_of_values_become_relations_of_their_slot() -> None:
    formats = [NET, SOLAR, "eac_kwh"]
    sets = [
        [{"eu": 1}, {"sm": 1, "eacs": ["e-1", "e-2"]}, {"eac": "e-3", "nums": ["77"], "v": 1}],
        [{"eu": 1}, {"sm": 1}, [{"eac": "e-3", "v": Raw("0.5")}]],
    ]
    verdict = judged(segment(*sets, formats=formats))
    found = [
        (row["relation_kind"], row["related_id"], row["format_position"], row["set_position"])
        for row in verdict.tables.relations.to_pylist()
        if row["set_position"] is not None
    ]
    assert found == [
        ("eac", "e-1", 1, 0),
        ("eac", "e-2", 1, 0),
        ("eac", "e-3", 2, 0),
        ("eac_number", "77", 2, 0),
        ("eac", "e-3", 2, 1),
    ]
    assert {one.format_id: one.total for one in verdict.sums}["eac_kwh"] == Decimal("1.5")
