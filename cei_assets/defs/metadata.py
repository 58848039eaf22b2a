"""What every asset carries - owner, kinds, group, description, columns - from the contract."""

from collections.abc import Iterable

import dagster as dg

from cei_assets.contracts.model import Table

OWNER = "team:energy-data"


def column_schema(table: Table) -> dg.TableSchema:
    """The columns of a contract table as Dagster shows them, with unit and limits."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.field.type,
                description=" ".join(
                    part
                    for part in (
                        column.field.description,
                        f"Unit: {column.field.unit}." if column.field.unit else "",
                    )
                    if part
                ),
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in table.columns
        ]
    )


def asset_spec(
    table: Table,
    *,
    kinds: set[str],
    deps: Iterable[dg.AssetKey] = (),
    partitions_def: dg.PartitionsDefinition[str] | None = None,
) -> dg.AssetSpec:
    """The asset of a contract table: key `[layer, subject, name]`, group = layer."""
    return dg.AssetSpec(
        key=asset_key(table),
        description=table.description,
        owners=[OWNER],
        kinds=kinds,
        group_name=table.layer,
        deps=list(deps),
        partitions_def=partitions_def,
        metadata={"dagster/column_schema": column_schema(table)},
    )


def asset_key(table: Table) -> dg.AssetKey:
    """The key of a contract table."""
    return dg.AssetKey([table.layer, table.subject, table.name])
