"""A small valid register as CSV texts, with rows replaced by what a test is about."""

from collections.abc import Sequence

from cei_assets.contracts.finding import Finding
from cei_assets.contracts.tables.register import REGISTER_TABLES
from cei_assets.core.register.verdict import RegisterVerdict, judge_register

HEADERS = {table.name: ",".join(table.column_names) for table in REGISTER_TABLES}
MAIN = "mill,main,Incomer,main_incomer,,3600,start,2026-01-01,"
LINE = "mill,line,Line,submeter,main,900,end,2026-01-01,2026-12-31"
ROWS: dict[str, tuple[str, ...]] = {
    "organizations": ("acme,Acme",),
    "sites": ("mill,acme,Mill,Europe/Rome,IT,TO,1200,LIMF",),
    "meters": (MAIN, LINE),
    "operating_hours": ("mill,0,06:00,14:00,2026-01-01,", "mill,0,14:00,22:00,2026-01-01,"),
    "closures": ("mill,2026-08-10,2026-08-23,Summer",),
    "tariffs": ("mill,2026-01-01,,EUR,0.2,0,24,0,6",),
    "emission_factors": ("IT,,2026,0.25,published",),
    "measures": ("leaks,mill,line,Leaks,2026-05-04,4800,EUR",),
}


def texts(**rows: Sequence[str]) -> dict[str, str]:
    """The register's files by table; `rows` replace the rows below a table's header."""
    return {
        name: "".join(f"{line}\n" for line in (HEADERS[name], *rows.get(name, default)))
        for name, default in ROWS.items()
    }


def verdict(**rows: Sequence[str]) -> RegisterVerdict:
    """The verdict on the small register with some rows replaced."""
    return judge_register(texts(**rows))


def findings(**rows: Sequence[str]) -> tuple[Finding, ...]:
    """What is wrong with the small register when some rows are replaced."""
    return verdict(**rows).findings
