"""What `cei init` puts into the register folder: templates to fill in and a worked example."""

from pathlib import Path

from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.register import REGISTER_TABLES
from cei_assets.core.cds.register import CDS_METERS_FILE
from cei_assets.core.csi.register_cells import CSI_FILES
from cei_assets.core.register.typed import DEFAULTS
from cei_assets.storage import cds_register_templates as cds
from cei_assets.storage import csi_register_templates as csi
from cei_assets.storage.atomic import write_bytes
from cei_assets.storage.paths import DataPaths

EXAMPLE_ROWS: dict[str, tuple[str, ...]] = {
    "organizations": ("acme,Acme Components",),
    "sites": ("acme-turin,acme,Turin works,Europe/Rome,IT,TO,12500,",),
    "meters": (
        "acme-turin,main,Main incomer at the 20 kV cabin,main_incomer,,3600,start,2026-01-01,",
        "acme-turin,compressors,Compressor room,submeter,main,3600,start,2026-01-01,",
        "acme-turin,chiller,Process chiller,submeter,main,900,end,2026-03-01,",
    ),
    "operating_hours": tuple(
        f"acme-turin,{weekday},{shift},2026-01-01,"
        for weekday in range(5)
        for shift in ("06:00,14:00", "14:00,22:00")
    ),
    "closures": ("acme-turin,2026-08-10,2026-08-23,Summer closure",),
    "tariffs": (
        "acme-turin,2026-01-01,,EUR,0.245000,8,19,0,4",
        "acme-turin,2026-01-01,,EUR,0.198000,0,8,0,4",
        "acme-turin,2026-01-01,,EUR,0.198000,19,24,0,4",
        "acme-turin,2026-01-01,,EUR,0.198000,0,24,5,6",
    ),
    "emission_factors": ("IT,,2026,0.250,replace by the published factor and name its source",),
    "measures": (
        "leaks-2026,acme-turin,compressors,Repair of compressed-air leaks,2026-05-04,4800,EUR",
    ),
}

_INTRODUCTION = """\
# The register

Fill in the CSV files of this folder with a spreadsheet or a text editor, then run `cei run`. The
folder `EXAMPLE` holds the same files for an invented factory; it is never read.

- Save as CSV UTF-8. Comma, semicolon and tab are understood; with semicolon or tab, numbers may
  have a decimal comma.
- Dates are written YYYY-MM-DD. In a spreadsheet, format the date columns as text first.
- `organizations`, `sites` and `meters` are needed; without `tariffs` nothing has a cost; the other
  files may stay empty.
- Every mistake is reported with file, line and column, all at once.

Columns marked * may be left empty.
"""


def write_templates(paths: DataPaths) -> list[Path]:
    """Writes header-only CSV files, a README and the EXAMPLE folder; returns the files written.

    The list of servers of customer data begins as a comment that shows an entry. A file that
    exists is left as it is.
    """
    texts = {
        paths.register / "README.md": _readme(),
        paths.register / cds.SERVERS_FILE: cds.SERVERS_TEMPLATE,
    }
    tables = (*REGISTER_TABLES, CDS_METERS_FILE)
    headers = {table.name: ",".join(table.column_names) for table in tables}
    headers |= {file.name: csi.header(file) for file in CSI_FILES}
    examples = EXAMPLE_ROWS | csi.EXAMPLE_ROWS | cds.EXAMPLE_ROWS
    for name, header in headers.items():
        rows = "".join(f"{row}\n" for row in examples[name])
        texts[paths.register / f"{name}.csv"] = f"{header}\n"
        texts[paths.register / "EXAMPLE" / f"{name}.csv"] = f"{header}\n{rows}"
    new = {file: text for file, text in texts.items() if not file.exists()}
    for file, text in new.items():
        write_bytes(file, text.encode())
    return sorted(new)


def _readme() -> str:
    tables = (_table_section(table) for table in REGISTER_TABLES)
    parts = [_INTRODUCTION, *tables, cds.INTRODUCTION, _table_section(CDS_METERS_FILE)]
    return "\n".join([*parts, csi.readme_section()])


def _table_section(table: Table) -> str:
    lines = [f"## {table.name}.csv", "", table.description, "", "| column | meaning |", "|---|---|"]
    for column in table.columns:
        default = DEFAULTS.get((table.name, column.name))
        mark = "*" if column.nullable or default is not None else ""
        unit = f" [{column.field.unit}]" if column.field.unit else ""
        allowed = f" One of: {', '.join(column.field.isin)}." if column.field.isin else ""
        filled = f" Empty: {default}." if default is not None else ""
        lines.append(f"| {column.name}{mark} | {column.field.description}{unit}{allowed}{filled} |")
    return "\n".join([*lines, ""])
