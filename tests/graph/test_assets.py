"""The asset graph as Dagster sees it: complete metadata, no accidental rename."""

import json
from pathlib import Path

import dagster as dg
import pytest

from cei_assets.definitions import defs
from cei_assets.defs.partitions import RECEIVED_DATE, USAGE_MONTH

SNAPSHOT = Path(__file__).with_name("asset_graph.json")
SPECS = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
WITHOUT_COLUMNS = ("receipts", "published/", "reports/", "pull/")


def graph() -> dict[str, dict[str, object]]:
    checks = defs.resolve_asset_graph().asset_check_keys
    return {
        name: {
            "group": spec.group_name,
            "deps": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
            "partitions": type(spec.partitions_def).__name__ if spec.partitions_def else None,
            "checks": sorted(key.name for key in checks if key.asset_key.to_user_string() == name),
        }
        for name, spec in sorted(SPECS.items())
    }


def test_graph_is_as_recorded() -> None:
    """Run `python -m tests.graph.test_assets` after an intended change and review the diff."""
    assert graph() == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_asset_says_what_it_is(name: str) -> None:
    spec = SPECS[name]
    assert spec.owners, "owner"
    assert spec.kinds, "kinds"
    assert spec.description, "description"
    assert spec.group_name == spec.key.path[0], "group is the layer"
    assert len(spec.key.path) == 3, "key is [layer, subject, name]"


@pytest.mark.parametrize(
    "name", sorted(name for name in SPECS if not any(part in name for part in WITHOUT_COLUMNS))
)
def test_every_table_has_its_columns(name: str) -> None:
    schema = SPECS[name].metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    assert all(column.description and column.type for column in schema.columns)


def test_intake_and_analysis_are_partitioned_as_decided() -> None:
    assert SPECS["raw/intake/readings"].partitions_def == RECEIVED_DATE
    assert SPECS["analysis/baselines/baseline_models"].partitions_def == USAGE_MONTH
    partitioned = {name for name, spec in SPECS.items() if spec.partitions_def is not None}
    assert not {name for name in partitioned if name.startswith(("marts/", "staging/"))}


def test_readings_wait_for_what_customer_data_hand_over() -> None:
    graph = defs.resolve_asset_graph()
    for model in ("readings", "days"):
        handed = dg.AssetKey(["raw", "cds_hand_over", f"cds_{model}"])
        assert "intermediate/cds/int_cds_readings" in {
            key.to_user_string() for key in graph.get(handed).parent_keys
        }
        (reader,) = graph.get(handed).child_keys
        assert reader.path[0] == "staging"


def test_backfill_of_a_range_is_one_run() -> None:
    for key in ("raw/intake/readings", "analysis/baselines/baseline_models"):
        asset = defs.resolve_assets_def(dg.AssetKey.from_user_string(key))
        assert asset.backfill_policy == dg.BackfillPolicy.single_run()


def test_what_opens_the_warehouse_shares_a_pool() -> None:
    for key in (
        "marts/readings/fct_usage_hourly",
        "marts/savings/rpt_pilot_scorecard",
        "analysis/baselines/baseline_models",
        "analysis/savings/annual_avoidable",
        "published/marts/cei",
        "marts/cds/fct_usage_intervals",
        "raw/cds_hand_over/cds_readings",
    ):
        asset = defs.resolve_assets_def(dg.AssetKey.from_user_string(key))
        assert {node.pool for node in asset.op.iterate_op_defs()} == {"warehouse"}, key


def test_server_and_daemon_can_load_all_definitions_together() -> None:
    """Names of jobs and steps may not meet, which only shows when all are loaded at once."""
    dg.Definitions.validate_loadable(defs)


def test_every_job_selects_something() -> None:
    for job in (
        "take_in", "build", "analyse", "report", "take_in_csv_drop", "take_in_cds", "build_cds",
        "pull_cds",
    ):  # fmt: skip
        assert defs.resolve_job_def(job).asset_layer.selected_asset_keys


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(graph(), indent=1) + "\n", encoding="utf-8")
