"""Whatever stands in the programme's register files: a verdict, and no table that breaks them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.contracts.render.cells import broken_cells
from cei_assets.contracts.tables.csi import CSI_REGISTER_TABLES
from cei_assets.core.csi.register import judge_csi_register
from tests.small_csi_register import HEADERS, ROWS

CELLS = st.sampled_from(
    [
        "", " ", "SCG-00987", "SCG", "sunmetrics", "1", "2", "1-tank", "gas", "Electric", "none",
        "2013-09", "2013-09-01", "2013-09-15", "0000-01", "9999-12", "2013-13", "0.82", "-1", "1e5",
        "7.27", "therm", "$/kWh", "true", "No", "pay", "2013-12-09T18:30:00Z", "9999-12-31T23:59",
        "0001-01-01T00:00:00+14:00", "NaN", "=1+1", "é", "\u0661", '"', '"a\nb"', ";", "\x00",
    ]
)  # fmt: skip


def rows_of(name: str) -> st.SearchStrategy[list[str]]:
    """Rows of a file: good ones with some cells replaced, and rows of any width."""
    good = [row.split(",") for row in ROWS[name]]
    width = HEADERS[name].count(",") + 1
    replaced = st.tuples(
        st.sampled_from(good), st.dictionaries(st.integers(0, width - 1), CELLS, max_size=3)
    ).map(lambda drawn: [drawn[1].get(at, cell) for at, cell in enumerate(drawn[0])])
    any_width = st.lists(CELLS, max_size=width + 2)
    return st.lists((replaced | any_width).map(",".join), max_size=4)


TEXTS = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(
            st.text(max_size=40),
            rows_of(name).map(lambda rows, name=name: "\n".join([HEADERS[name], *rows])),
        )
        for name in HEADERS
    },
)


@given(texts=TEXTS)
@settings(max_examples=150, deadline=None)
def test_any_text_has_a_verdict(texts: dict[str, str]) -> None:
    judged = judge_csi_register(texts)
    assert all(finding.expected and finding.found and finding.fix for finding in judged.findings)
    if judged.has_errors:
        assert (judged.tables, dict(judged.register.applications)) == ({}, {})
        return
    for table in CSI_REGISTER_TABLES:
        assert broken_cells(table, judged.tables[table.name]) == []
    rows = judged.tables["applications"].to_pylist()
    versions = [each for several in judged.register.applications.values() for each in several]
    assert len(versions) == len(rows)
    assert all(version.first_data_month <= version.last_data_month for version in versions)
