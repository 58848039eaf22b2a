"""What loading costs: definitions without Great Expectations and statsmodels, `cei` without all."""

import subprocess
import sys

import pytest


def modules_after(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stdout.splitlines()}


def test_definitions_load_without_great_expectations_and_statsmodels() -> None:
    loaded = modules_after("import cei_assets.definitions")
    assert "dagster" in loaded
    assert not loaded & {"great_expectations", "statsmodels", "matplotlib"}


@pytest.mark.parametrize(
    "module",
    ["cei_assets.cli.app", "cei_assets.cli.check_csv", "cei_assets.gateway.serving"],
)
def test_command_line_loads_without_the_heavy_libraries(module: str) -> None:
    loaded = modules_after(f"import {module}")
    assert not loaded & {"dagster", "dbt", "great_expectations", "statsmodels", "matplotlib"}
