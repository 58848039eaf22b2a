"""dbt's YAML and the staging models, rendered from the declared tables."""

from typing import Any

import yaml

from cei_assets.contracts.model import Column, Reference, Table
from cei_assets.contracts.tables.cds_hand_over import CDS_DAYS
from cei_assets.contracts.tables.csi import (
    CSI_LEDGER_INTERVALS,
    CSI_PAYMENT_LINES,
    CSI_PAYMENT_RUNS,
)
from cei_assets.contracts.tables.dbt_models import (
    ANALYSIS_INTERMEDIATES,
    INTERMEDIATE_TABLES,
    SOURCES,
    STAGING_TABLES,
)
from cei_assets.contracts.tables.marts import (
    ANALYSIS_MARTS,
    MART_TABLES,
    QUALITY_MARTS,
    UPLOAD_MARTS,
)

_MODELS = "dbt_project/models"
_HEADER = "Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.\n"
_DATA_DIR = "{{ env_var('CEI_DATA_DIR', 'data') | replace(\"'\", \"''\") }}"
_PARTITION = {
    "intake": "received_date",
    "analysis": "usage_month",
    "cds": "received_date",
    "cds_hand_over": "usage_month",
}
_MARTS = tuple(table for table in MART_TABLES if table not in QUALITY_MARTS)
_ANALYSIS_NAMES = frozenset(table.name for table in (*ANALYSIS_INTERMEDIATES, *ANALYSIS_MARTS))
_CSI_SUBJECTS = frozenset(("csi", "csi_register", "csi_build"))
_CDS_SUBJECTS = frozenset(("cds", "cds_register", "cds_build"))
_FOLDERS = {
    "register": "raw/register",
    "intake": "raw",
    "build": "raw/build",
    "csi_register": "raw/csi_register",
    "csi_build": "raw/build",
    "cds": "raw",
    "cds_register": "raw/cds_register",
    "cds_build": "raw/build",
    "cds_hand_over": "cds",
}
_DAY = frozenset(("site_id", "meter_id", "local_date"))
_CDS_DAY = frozenset(("cds_server", "cds_resource", "utc_date"))


def render_dbt_yaml() -> dict[str, str]:
    """Text of every generated file of the dbt project, by path from the repository's root.

    Holds the sources, a staging model per source table, and for each layer the descriptions,
    types, contracts and tests of its models.
    """
    files = {
        f"{_MODELS}/staging/_sources.yml": _document({"sources": _sources()}),
        f"{_MODELS}/staging/_models.yml": _models([_plain_model(t) for t in STAGING_TABLES]),
        f"{_MODELS}/intermediate/_models.yml": _models(
            [_plain_model(t) for t in INTERMEDIATE_TABLES]
        ),
        f"{_MODELS}/marts/_models.yml": _models([_mart_model(t) for t in _MARTS]),
    }
    for source, tables in SOURCES.items():
        for table in tables:
            path = f"{_MODELS}/staging/{source}/stg_{source}__{table.name}.sql"
            files[path] = _staging_sql(source, table)
    return files


def tag(table: Table) -> str:
    """The part of the build that makes a model.

    `readings` from raw, `analysis` from what the analysis wrote, `csi` from the programme's ledger,
    `cds` from files of customer data.
    """
    if table.subject in _CSI_SUBJECTS:
        return "csi"
    if table.subject in _CDS_SUBJECTS:
        return "cds"
    is_analysis = table.name in _ANALYSIS_NAMES or (
        table.layer == "staging" and table.subject == "analysis"
    )
    return "analysis" if is_analysis else "readings"


def _document(content: dict[str, Any]) -> str:
    body = yaml.safe_dump({"version": 2, **content}, sort_keys=False, width=100, allow_unicode=True)
    return f"# {_HEADER}{body}"


def _models(models: list[dict[str, Any]]) -> str:
    return _document({"models": models})


def _sources() -> list[dict[str, Any]]:
    return [
        {
            "name": source,
            "description": f"What the platform wrote under {_folder(source)}/.",
            "tables": [_source_table(source, table) for table in tables],
        }
        for source, tables in SOURCES.items()
    ]


def _source_table(source: str, table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "description": table.description,
        "config": {"meta": {"external_location": _location(source, table)}},
        "columns": [_column(column) for column in table.columns],
    }


def _folder(source: str) -> str:
    return _FOLDERS.get(source, source)


def _location(source: str, table: Table) -> str:
    if table is CDS_DAYS:
        return f"read_parquet('{_DATA_DIR}/raw/build/{table.name}.parquet')"
    path = f"{_DATA_DIR}/{_folder(source)}/{table.name}"
    if source in ("build", "csi_build", "cds_build"):
        types = ", ".join(f"{column.name} := '{column.field.type}'" for column in table.columns)
        return f"read_json('{path}.json', format = 'array', columns = struct_pack({types}))"
    if source in ("register", "csi_register", "cds_register"):
        return f"read_parquet('{path}.parquet')"
    if source == "csi":
        return _csi_location(path, table)
    partition = _PARTITION[source]
    if partition not in table.column_names:
        return f"read_parquet('{path}/part.parquet')"
    return f"read_parquet('{path}/{partition}=*/*.parquet', hive_partitioning = true)"


def _csi_location(path: str, table: Table) -> str:
    """Intervals lie by month of data, runs and lines by quarter, the ledger in one file."""
    if table is CSI_LEDGER_INTERVALS:
        pattern = f"{path}/application_month=*/*.parquet"
        return f"read_parquet('{pattern}', hive_partitioning = true)"
    if table in (CSI_PAYMENT_LINES, CSI_PAYMENT_RUNS):
        return f"read_parquet('{path}/*.parquet')"
    return f"read_parquet('{path}/part.parquet')"


def _staging_sql(source: str, table: Table) -> str:
    selected = ",\n".join(
        f"    cast({column.name} as {column.field.type.lower()}) as {column.name}"
        for column in table.columns
    )
    place = f"source('{source}', '{table.name}')"
    if source in ("intake", "cds"):
        place = f"{source}_rows('{table.name}')"
    return f"-- {_HEADER}select\n{selected}\nfrom {{{{ {place} }}}}\n"


def _column(column: Column) -> dict[str, Any]:
    field = column.field
    unit = f" Unit: {field.unit}." if field.unit else ""
    return {
        "name": field.name,
        "description": field.description + unit,
        "data_type": field.type,
    }


def _plain_model(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "description": table.description,
        "config": {"tags": [tag(table)]},
        "columns": [_column(column) for column in table.columns],
    }


def _mart_model(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "description": table.description,
        "config": {"tags": [tag(table)], "contract": {"enforced": True}},
        "columns": [_mart_column(column) for column in table.columns],
        "data_tests": [
            _grain_test(table),
            *(_reference_test(table, reference) for reference in table.references),
        ],
    }


def _mart_column(column: Column) -> dict[str, Any]:
    rendered = _column(column)
    if not column.nullable:
        rendered["constraints"] = [{"type": "not_null"}]
    return rendered


def _grain_test(table: Table) -> dict[str, Any]:
    arguments = {"column_names": list(table.grain), "scope": _scope(table)}
    return {"grain_is_unique": {"name": f"{table.name}_grain", "arguments": arguments}}


def _reference_test(table: Table, reference: Reference) -> dict[str, Any]:
    arguments = {
        "column_names": list(reference.columns),
        "to": f"ref('{reference.table}')",
        "scope": _scope(table),
    }
    name = f"{table.name}_in_{reference.table}"
    return {"references_exist": {"name": name, "arguments": arguments}}


def _scope(table: Table) -> str:
    """Rows that a build can have changed, so that an hourly update's tests stay small."""
    if table.name == "fct_csi_intervals":
        return "application_months"
    if _CDS_DAY.issubset(table.column_names):
        return "touched_cds_days"
    if table.name in _ANALYSIS_NAMES or table.subject in _CSI_SUBJECTS | _CDS_SUBJECTS:
        return "all"
    if _DAY.issubset(table.column_names):
        return "touched_days"
    return "pending_receipts" if table in UPLOAD_MARTS else "all"
