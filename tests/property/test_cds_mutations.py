"""Whatever a file holds: a verdict and tables that keep their contract, and good segments go in."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.contracts.tables.cds import CDS_TABLES
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.judge import CdsVerdict
from tests.cds_mutants import mutants
from tests.cds_segments import NET, SOURCE, Raw, judged, net, segment

GOOD = segment(*net(Raw("1.25"), None, 3), cds_usagesegment_id="good")
NEW = segment(
    [{"eu": 1}, {"sm": Raw("0.5"), "ci": 300, "eacs": ["e"], "kwh": 1, "tco2e": 0}, {"c": 2},
     {"r": "5"}, {"ed": 1}],
    [None, None, None, None, None],
    formats=[
        {**NET, "tou": "peak", "tier": None, "related_meterdevices": ["m"],
         "series_kind": "settlement"},
        {"id": "s", "type": "electric_supply_mix", "indexes": [0], "attribution": "base",
         "supply_type": "wind"},
        {"id": "c", "type": "cost", "currency": "EUR", "indexes": [0]},
        {"id": "r", "type": "meter_readings", "units": "kWh", "related_meterdevice": "m",
         "register": None},
        {"id": "d", "type": "electric_demand", "units": "kW", "demand_type": "ending"},
    ],
)  # fmt: skip
OLD = segment(
    [
        {"v": 2},
        [{"type": "solar", "mix": Raw("0.4")}],
        {"eac": "e", "nums": ["1"], "v": 1},
        [{"t": "wind", "v": Raw("2.5"), "cds_eac_id": "e"}],
    ],
    formats=["kwh_net", "supply_mix", "eac_kwh", "kwh_sources"],
    key="format",
)
JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.sampled_from(
            [Raw("NaN"), Raw("1e99999999"), Raw("-0.0"), Raw("7e-13"), "\ud800", "1.5", "kwh_net",
             "cost", "meter_readings", "2026-03-01T00:00:00Z", {"eu": 1}, {"sm": 1, "ci": 1}]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["v", "eu", "sm", "kwh", "type", "id"]), inner),
    ),
    max_leaves=4,
)  # fmt: skip


def check_contract(verdict: CdsVerdict) -> None:
    """Types, required columns and grain of every table."""
    for table in CDS_TABLES:
        found = getattr(verdict.tables, table.name.removeprefix("cds_"))
        found.validate(full=True)
        for column in table.columns:
            assert column.nullable or not found[column.name].null_count, column.name
            if column.field.isin is not None:
                assert set(found[column.name].to_pylist()) <= {*column.field.isin, None}
        keys = [tuple(row.values()) for row in found.select(list(table.grain)).to_pylist()]
        assert len(set(keys)) == len(keys), table.name


@settings(deadline=None)
@given(mutants([NEW, OLD], JUNK))
def test_a_good_segment_goes_in_unchanged_whatever_stands_beside_it(mutant: object) -> None:
    alone = judged(GOOD).tables.intervals
    verdict = judged(mutant, GOOD)
    check_contract(verdict)
    (version,) = set(alone["segment_version_id"].to_pylist())
    mask = [
        found == version for found in verdict.tables.intervals["segment_version_id"].to_pylist()
    ]
    assert verdict.tables.intervals.filter(mask).equals(alone)
    assert verdict.segments + verdict.rejected == 2
    if verdict.rejected:
        assert verdict.status is UploadStatus.PARTIAL
        pointer = verdict.tables.rejects["json_pointer"][0].as_py()
        assert pointer.startswith("/usage_segments/0")
    assert set(verdict.tables.segments["receipt_id"].to_pylist()) == {SOURCE.receipt_id}


@settings(deadline=None)
@given(st.lists(mutants([NEW, OLD], JUNK), min_size=1, max_size=3))
def test_refusals_and_statuses_of_slots_agree(mutated: list[object]) -> None:
    verdict = judged(*mutated)
    check_contract(verdict)
    assert verdict.tables.rejects.num_rows == len(verdict.refusals)
    is_clean = verdict.status is UploadStatus.ACCEPTED
    assert is_clean is not bool(verdict.refusals)
    if is_clean:
        assert "invalid" not in verdict.tables.intervals["value_status"].to_pylist()
        assert "invalid" not in verdict.tables.supply_mix["value_status"].to_pylist()
