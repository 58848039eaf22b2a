"""Text that a spreadsheet will not take for a formula (rule CSI-W08)."""

import pyarrow as pa
import pyarrow.compute as pc

_FORMULA_START = r"^[=+\-@\t\r\n]"


def without_formulas(table: pa.Table) -> pa.Table:
    """The table with an apostrophe before every text that begins with = + - @, tab or line end.

    Only text columns change; numbers keep their sign. Null stays null.
    """
    for position, field in enumerate(table.schema):
        if not (pa.types.is_string(field.type) or pa.types.is_large_string(field.type)):
            continue
        cells = table.column(position)
        is_formula = pc.match_substring_regex(cells, _FORMULA_START)
        quoted = pc.binary_join_element_wise(pa.scalar("'", field.type), cells, "")
        table = table.set_column(position, field.name, pc.if_else(is_formula, quoted, cells))
    return table
