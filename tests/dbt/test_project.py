"""The dbt project as such: it parses without data, and its models are what the contracts say."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dbt_session import PROJECT

from cei_assets.contracts.tables.dbt_models import DBT_TABLES


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The manifest, parsed in an empty folder with CEI_DATA_DIR unset."""
    folder = tmp_path_factory.mktemp("parse")
    environment = {name: value for name, value in os.environ.items() if name != "CEI_DATA_DIR"}
    subprocess.run(
        [
            sys.executable,
            "-m",
            "dbt.cli.main",
            "--quiet",
            "parse",
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(folder / "target"),
            "--log-path",
            str(folder / "logs"),
        ],
        cwd=folder,
        env=environment,
        check=True,
    )
    assert not (folder / "data").exists()
    return dict(json.loads((folder / "target" / "manifest.json").read_text()))


def _models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def test_every_model_is_declared_and_every_declaration_is_a_model(
    manifest: dict[str, Any],
) -> None:
    assert sorted(_models(manifest)) == sorted(table.name for table in DBT_TABLES)


def test_schemas_are_called_as_the_layers(manifest: dict[str, Any]) -> None:
    schemas = {name: node["schema"] for name, node in _models(manifest).items()}
    assert schemas == {table.name: table.layer for table in DBT_TABLES}


# Parts of the build, and the parts whose models each may read.
PARTS = {
    "readings": {"readings"},
    "analysis": {"readings", "analysis"},
    "csi": {"csi"},
    "cds": {"cds"},
}


def test_every_model_belongs_to_one_part_and_reads_only_what_is_built_before_it(
    manifest: dict[str, Any],
) -> None:
    parts = {name: node["tags"] for name, node in _models(manifest).items()}
    assert {tuple(tags) for tags in parts.values()} == {(part,) for part in PARTS}
    for name, node in _models(manifest).items():
        (part,) = parts[name]
        parents = {
            parts[parent.split(".")[-1]][0]
            for parent in node["depends_on"]["nodes"]
            if parent.startswith("model.")
        }
        assert parents <= PARTS[part], name


def test_nothing_is_sent_to_anybody() -> None:
    text = Path(PROJECT / "dbt_project.yml").read_text()
    assert "send_anonymous_usage_stats: false" in text
