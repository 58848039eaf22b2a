"""The light judge of a contract says what pandera says."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.cells import BrokenCell, broken_cells
from cei_assets.contracts.tables.csi import CSI_APPLICATIONS, CSI_PDPS
from cei_assets.contracts.tables.register import EMISSION_FACTORS, SITES, TARIFFS
from cei_assets.core.register.typed import judged_by_pandera

# Few values, at the limits and beyond them, so that breaches and repeated grains are common.
WORDS = ["", " ", "gas", "none", "oil", "therm", "kWh", "EUR", "eur", "IT", "mill", "IT\n"]
VALUES = {
    "VARCHAR": st.sampled_from(WORDS),
    "INTEGER": st.sampled_from([-1, 0, 1, 2, 3, 24, 25, 2026]),
    "DOUBLE": st.sampled_from([-0.5, 0.0, 0.25, 3.0, 3.5]),
    "DATE": st.sampled_from([date(2013, 9, 1), date(2014, 1, 1)]),
    "BOOLEAN": st.booleans(),
}
DECIMALS = st.sampled_from([Decimal("-10.01"), Decimal(-10), Decimal(0), Decimal("100.01")])


def rows_of(table: Table) -> st.SearchStrategy[list[dict[str, object]]]:
    row = st.fixed_dictionaries(
        {
            column.name: st.none() | VALUES.get(column.field.type, DECIMALS)
            for column in table.columns
        }
    )
    return st.lists(row, max_size=6)


@pytest.mark.parametrize(
    "table",
    [CSI_APPLICATIONS, CSI_PDPS, SITES, TARIFFS, EMISSION_FACTORS],
    ids=lambda table: table.name,
)
@given(data=st.data())
# A table that fails is small already; to shrink it takes pandera minutes.
@settings(max_examples=15, deadline=None, phases=[Phase.generate])
def test_the_light_judge_says_what_pandera_says(table: Table, data: st.DataObject) -> None:
    rows = data.draw(rows_of(table))
    schema = pa.schema([field.with_nullable(True) for field in arrow_schema(table)])
    cells = pa.Table.from_pylist(rows, schema=schema)
    told, expected = broken_cells(table, cells), judged_by_pandera(table, cells)
    assert sorted(map(comparable, told)) == sorted(map(comparable, expected))


def comparable(cell: BrokenCell) -> tuple[int, str, str, str]:
    """pandera shows an integer beside fractions as 24.0, and has several words for nothing."""
    word = str(cell.value)
    if word in {"None", "<NA>", "nan", "NaT"}:
        word = ""
    elif isinstance(cell.value, int | float | Decimal):
        word = str(float(cell.value))
    return cell.row, cell.column, cell.expected, word
