"""Whatever a list of objects holds: no crash, tables as declared, every object accounted for."""

import re

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.contracts.cds_vocabulary import CdsObjectKind
from cei_assets.contracts.tables.cds_objects import CDS_OBJECT_TABLES
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.judge import CdsVerdict
from tests.cds_mutants import Json, mutants
from tests.cds_objects import (
    APRIL,
    AUGUST,
    OLD_SECTION_PARTS,
    REFERENCE,
    body,
    judged_objects,
)
from tests.cds_segments import Raw

OLD_SECTION = body(CdsObjectKind.BILL_SECTIONS, "B", **OLD_SECTION_PARTS)
BODIES: dict[CdsObjectKind, list[Json]] = {
    kind: [body(kind, dialect) for dialect in ("B", "C")] for kind in REFERENCE
}
BODIES[CdsObjectKind.EACS] += [APRIL, AUGUST]
BODIES[CdsObjectKind.BILL_SECTIONS].append(OLD_SECTION)
JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.sampled_from(
            [Raw("NaN"), Raw("1e99999999"), Raw("-0.0"), Raw("7e-13"), Raw("1e22"), "\ud800",
             "1.5", "", " ", "EUR", "other", "2026-03-01", "2026-03-01T24:00:00Z",
             "0001-01-01T00:00:00+14:00", "9999-12-31", ["electric"], {"id": "x"}]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "types", "value", "cost", "name", "unit"]), inner),
    ),
    max_leaves=4,
)  # fmt: skip


def check_contract(verdict: CdsVerdict) -> None:
    """Types, required columns, words, patterns, grain and references of every table."""
    for table in CDS_OBJECT_TABLES:
        found = verdict.tables.objects[table.name]
        found.validate(full=True)
        for column in table.columns:
            values = found[column.name]
            assert column.nullable or not values.null_count, (table.name, column.name)
            if column.field.isin is not None:
                assert set(values.to_pylist()) <= {*column.field.isin, None}
            if column.field.pattern is not None:
                assert all(re.fullmatch(column.field.pattern, one) for one in values.to_pylist())
        keys = [tuple(row.values()) for row in found.select(list(table.grain)).to_pylist()]
        assert len(set(keys)) == len(keys), table.name
        for reference in table.references:
            names = list(reference.columns)
            parents = verdict.tables.objects[reference.table].select(names).to_pylist()
            assert all(child in parents for child in found.select(names).to_pylist())


@settings(deadline=None)
@given(st.data())
def test_every_object_is_kept_repeated_or_refused_whatever_it_holds(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(REFERENCE))
    junk = st.one_of(mutants(BODIES[kind], JUNK), st.sampled_from(BODIES[kind]), JUNK)
    bodies = data.draw(st.lists(junk, min_size=1, max_size=4))
    verdict = judged_objects(kind, *bodies)
    check_contract(verdict)
    counts = verdict.counts
    assert verdict.objects == {kind: len(bodies)}
    assert counts.kept[kind] + counts.repeated[kind] + counts.refused[kind] == len(bodies)
    kept = verdict.tables.objects[f"cds_{kind.value}"]["json_pointer"].to_pylist()
    refused = verdict.tables.rejects["json_pointer"].to_pylist()
    assert (len(kept), len(refused)) == (counts.kept[kind], counts.refused[kind])
    # One refusal an object, at its place or below; none of what was kept.
    owners = [re.match(rf"/{kind.value}/\d+", pointer) for pointer in (*kept, *refused)]
    assert all(owners)
    assert len({found[0] for found in owners if found}) == len(owners)
    if not refused:
        assert verdict.status is UploadStatus.ACCEPTED
    else:
        assert verdict.status is (UploadStatus.PARTIAL if kept else UploadStatus.REJECTED)


@settings(deadline=None)
@given(st.data())
def test_a_good_object_goes_in_unchanged_whatever_stands_beside_it(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(REFERENCE))
    good = body(kind, cds_created="2020-01-01T00:00:00Z")
    verdict = judged_objects(kind, good, data.draw(st.one_of(mutants(BODIES[kind], JUNK), JUNK)))
    alone = judged_objects(kind, good)
    (version,) = alone.tables.objects[f"cds_{kind.value}"]["object_version_id"].to_pylist()
    for name, table in verdict.tables.objects.items():
        mask = [found == version for found in table["object_version_id"].to_pylist()]
        assert table.filter(pa.array(mask, pa.bool_())).equals(alone.tables.objects[name])
