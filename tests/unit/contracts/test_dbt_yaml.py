"""Files of the dbt project that are rendered from the contracts."""

from pathlib import Path

from cei_assets.contracts.render.dbt_yaml import render_dbt_yaml

ROOT = Path(__file__).parents[3]


def test_rendered_files_are_up_to_date() -> None:
    stale = [
        path
        for path, text in render_dbt_yaml().items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text() != text
    ]
    assert stale == [], "run `python -m cei_assets.contracts.render`"


def test_no_staging_model_is_left_of_a_source_that_has_gone() -> None:
    staging = ROOT / "dbt_project" / "models" / "staging"
    found = {file.relative_to(ROOT).as_posix() for file in staging.rglob("*.*")}
    assert found == {path for path in render_dbt_yaml() if "/staging/" in path}


def test_every_model_and_column_has_a_description() -> None:
    for path, text in render_dbt_yaml().items():
        assert "description: ''" not in text, path
