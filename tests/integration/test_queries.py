"""The queries we print for analysts run on a published file."""

import re
from pathlib import Path

import pytest

from cei_assets.settings import Settings
from cei_assets.storage.published import open_published, publish
from tests.example_pilot import write_warehouse

ROOT = Path(__file__).parents[2]
QUERIES = re.findall(r"```sql\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data_dir=tmp_path_factory.mktemp("queries"))
    write_warehouse(settings.paths.warehouse)
    publish(settings)
    return settings


def test_there_are_five() -> None:
    assert len(QUERIES) == 5


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("\n")[-2][:40])
def test_query_of_the_readme_answers(settings: Settings, query: str) -> None:
    with open_published(settings.paths) as connection:
        assert connection.execute(query).fetchall()
