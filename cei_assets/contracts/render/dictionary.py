"""Markdown for people, rendered from the contracts: data dictionary and list of rules."""

from collections.abc import Iterable, Iterator

from cei_assets.contracts.csi_rules import CSI_RULES
from cei_assets.contracts.model import Column, Field, Table
from cei_assets.contracts.rules import EPISODE_RULES, OTHER_RULES, RECORD_CODES, RuleMeaning
from cei_assets.contracts.tables.marts import MART_TABLES

_GENERATED = (
    "<!-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`. -->\n"
)
_DICTIONARY_INTRODUCTION = """\
# Data dictionary

The public marts: schema `marts` of `published/cei.duckdb`. They are a stable interface; everything
else may change.

- `_utc` columns are timestamps without zone whose clock is UTC; `_local` columns read the clock of
  the site's zone. An interval is named by its start and does not contain its end.
- Received energy is an exact decimal, modelled energy a floating-point number, money a decimal.
- Nothing is filled in: a missing interval has no row, and an empty cell is unknown, not zero.
- Grain: the columns that are unique together.
"""
_RULES_INTRODUCTION = """\
# Rules

What is refused, what is flagged, and the place in the code where each rule stands: a file, and the
name to look for in it.
"""
_RECORD_INTRODUCTION = """\
In the order in which they apply. A refused row has the code of the first that applies; its `detail`
joins all problems found. Rejects stand in `fct_rejects`.
"""
_EPISODE_INTRODUCTION = """\
Each flags hours of a meter; runs of flagged hours become episodes in `fct_anomaly_episodes`. Where
two find the same excess in an hour, the first of the list gets it.
"""
_CSI_INTRODUCTION = """\
Uploads of the CSI-Thermal programme, in the order of the gates: form (U, L), bytes and CSV (F),
header (H), rows, times and columns together (F07, F10, R, T, X), content (W). A failed gate stops
those behind it. The first 20 findings of a rule are listed, all are counted; messages name line
(the header is line 1), column and value.
"""


def render_dictionary() -> str:
    """Text of `docs/data_dictionary.md`: every public mart, column by column."""
    overview = _table(
        ("mart", "meaning"),
        ((f"[{table.name}](#{table.name})", table.description) for table in MART_TABLES),
    )
    sections = (_mart_section(table) for table in MART_TABLES)
    return "\n".join([_GENERATED, _DICTIONARY_INTRODUCTION, overview, *sections])


def render_rules() -> str:
    """Text of `docs/rules.md`: every rule in words, with its place in the code."""
    return "\n".join(
        [
            _GENERATED,
            _RULES_INTRODUCTION,
            "## Codes of refused records\n",
            _RECORD_INTRODUCTION,
            _rules_table("code", RECORD_CODES, is_code=True),
            "## Rules of waste\n",
            _EPISODE_INTRODUCTION,
            _rules_table("rule", EPISODE_RULES, is_code=True),
            "## CSI-Thermal uploads\n",
            _CSI_INTRODUCTION,
            _rules_table("rule", CSI_RULES, is_code=True),
            "## Other rules\n",
            _rules_table("rule", OTHER_RULES, is_code=False),
        ]
    )


def _mart_section(table: Table) -> str:
    grain = ", ".join(f"`{name}`" for name in table.grain) or "none, rows may repeat"
    references = [
        f"{', '.join(f'`{name}`' for name in reference.columns)} in "
        f"[{reference.table}](#{reference.table})"
        for reference in table.references
    ]
    lines = [f"## {table.name}", "", table.description, "", f"- Grain: {grain}."]
    if references:
        lines.append(f"- Every {'; every '.join(references)}.")
    columns = _table(
        ("column", "type", "unit", "may be empty", "meaning", "limits"),
        (_column_cells(column) for column in table.columns),
    )
    return "\n".join([*lines, "", columns])


def _column_cells(column: Column) -> tuple[str, ...]:
    field = column.field
    return (
        f"`{field.name}`",
        field.type,
        field.unit or "",
        "yes" if column.nullable else "",
        field.description,
        "; ".join(_limits(field)),
    )


def _limits(field: Field) -> Iterator[str]:
    if field.ge is not None and field.le is not None:
        yield f"{field.ge} to {field.le}"
    elif field.ge is not None:
        yield f"at least {field.ge}"
    elif field.le is not None:
        yield f"at most {field.le}"
    if field.isin is not None:
        yield ", ".join(f"`{value}`" for value in field.isin)
    if field.pattern is not None:
        yield f"`{field.pattern}`"


def _rules_table(first: str, rules: Iterable[RuleMeaning], *, is_code: bool) -> str:
    return _table(
        (first, "meaning", "where"),
        (
            (
                f"`{rule.name}`" if is_code else rule.name,
                rule.meaning,
                "<br>".join(_place(place) for place in rule.places),
            )
            for rule in rules
        ),
    )


def _place(place: str) -> str:
    path, _, name = place.partition("::")
    return f"[{path}](../{path}) `{name}`"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
