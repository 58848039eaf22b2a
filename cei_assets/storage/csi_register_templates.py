"""What `cei init` writes for the CSI-Thermal programme: headers, a worked example, a section."""

from cei_assets.contracts.model import Column
from cei_assets.core.csi.register_cells import CSI_FILES, RegisterFile

# A change of provider mid-term: two rows, the first one ends where the second begins.
_SYSTEM = "1,gas,gas,2013-08-14,310,0.82,7.27,therm,500000,2013-09,2015-08,delivered_energy"
EXAMPLE_ROWS: dict[str, tuple[str, ...]] = {
    "csi_applications": (
        f"SCG-00987,SCG,sunmetrics,{_SYSTEM},,2014-06",
        f"SCG-00987,SCG,heatdata,{_SYSTEM},2014-07,",
        "PGE-01357,PGE,heatdata,2,none,electric,2013-09-20,45.5,0.90,0.21,kWh,250000,,,,,",
    ),
    "csi_pdps": ("sunmetrics,Sun Metrics Inc.,true", "heatdata,Heat Data LLC,true"),
    "csi_replacements": (
        "auth-001,SCG-00987,2013-10,J. Rivera,2013-12-09T18:30:00Z,meter was scaled by 10,,",
    ),
    "csi_late_decisions": ("PGE-01357,2013-11,,pay,K. Osei,2014-01-15T17:00:00Z",),
}
_INTRODUCTION = """\
# CSI-Thermal

Only for installations that take reports of California's CSI-Thermal programme; without rows in
`csi_applications.csv` it is not in use.

- Months are written YYYY-MM, times as 2013-12-09T18:30:00Z (UTC when no offset is given).
- Of an application whose provider or system changes mid-term, write a row a version, with
  `valid_from_month` and `valid_to_month`; only the first may begin, only the last may end open.
- Nothing is paid without `baseline_efficiency` and `rate`: neither has a default.
- Efficiency and cap are the administrator's figures; those of the folder `EXAMPLE` are invented.
"""


def header(file: RegisterFile) -> str:
    """The header line of a file, as its template has it."""
    return ",".join(file.as_written.column_names)


def readme_section() -> str:
    """The programme's part of the register's README."""
    return "\n".join([_INTRODUCTION, *(_file_section(file) for file in CSI_FILES)])


def _file_section(file: RegisterFile) -> str:
    lines = [
        f"## {file.name}.csv",
        "",
        file.table.description,
        "",
        "| column | meaning |",
        "|---|---|",
    ]
    for declared, written in zip(file.table.columns, file.as_written.columns, strict=True):
        lines.append(_column_line(written, default=file.defaults.get(declared.name)))
    return "\n".join([*lines, ""])


def _column_line(column: Column, *, default: str | None) -> str:
    mark = "*" if column.nullable else ""
    unit = f" [{column.field.unit}]" if column.field.unit else ""
    allowed = f" One of: {', '.join(column.field.isin)}." if column.field.isin else ""
    filled = f" Empty: {default}." if default is not None else ""
    return f"| {column.name}{mark} | {column.field.description}{unit}{allowed}{filled} |"
