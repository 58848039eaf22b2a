"""The published file: complete, free of the workbench, replaced under its readers' feet."""

from pathlib import Path

import duckdb
import pytest

from cei_assets.contracts.tables.marts import ANALYSIS_MARTS, MART_TABLES
from cei_assets.settings import Settings
from cei_assets.storage.published import (
    NothingPublishedError,
    PublishError,
    open_published,
    publish,
)
from tests.example_pilot import write_warehouse


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    write_warehouse(settings.paths.warehouse)
    return settings


def change(settings: Settings, statement: str) -> None:
    with duckdb.connect(str(settings.paths.warehouse)) as connection:
        connection.execute(statement)


def test_readers_find_the_declared_marts_and_nothing_else(settings: Settings) -> None:
    result = publish(settings)
    assert set(result.row_counts) == {table.name for table in MART_TABLES}
    with duckdb.connect(str(settings.paths.published), read_only=True) as connection:
        found = connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
    assert {schema for schema, _ in found} == {"marts"}
    assert {name for _, name in found} == {table.name for table in MART_TABLES}


def test_columns_carry_their_meaning(settings: Settings) -> None:
    publish(settings)
    with open_published(settings.paths) as connection:
        comments = connection.execute(
            "select count(*), count(comment) from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    ((columns, commented),) = comments
    assert columns == commented > 100


def test_open_reader_keeps_its_version_and_the_next_sees_the_new(settings: Settings) -> None:
    publish(settings)
    query = "select count(*) from marts.dim_sites"
    with duckdb.connect(str(settings.paths.published), read_only=True) as reader:
        before = reader.execute(query).fetchall()
        change(settings, "delete from marts.dim_sites")
        publish(settings)
        assert reader.execute(query).fetchall() == before != [(0,)]
    with open_published(settings.paths) as connection:
        assert connection.execute(query).fetchall() == [(0,)]


def test_leftover_of_a_killed_publish_is_removed(settings: Settings) -> None:
    folder = settings.paths.published.parent
    folder.mkdir(parents=True)
    stray = folder / "cei.duckdb.publishing"
    stray.write_bytes(b"half a file")
    publish(settings)
    assert [path.name for path in folder.iterdir()] == ["cei.duckdb"]


def test_no_view_that_names_a_path_of_the_machine_is_left(settings: Settings) -> None:
    publish(settings)
    with open_published(settings.paths) as connection:
        views = connection.execute("select sql from duckdb_views() where not internal").fetchall()
    assert views == []


def test_marts_of_the_analysis_are_there_before_it_has_run(settings: Settings) -> None:
    for table in ANALYSIS_MARTS:
        change(settings, f"drop table marts.{table.name}")
    result = publish(settings)
    assert {result.row_counts[table.name] for table in ANALYSIS_MARTS} == {0}


def test_mart_with_columns_of_an_earlier_version_is_published_anew(settings: Settings) -> None:
    change(settings, "alter table marts.rpt_annual_avoidable drop column sufficient_share")
    publish(settings)
    with open_published(settings.paths) as connection:
        assert (
            connection.execute("select sufficient_share from rpt_annual_avoidable").fetchall() == []
        )


def test_missing_fact_is_named_and_the_old_file_stays(settings: Settings) -> None:
    publish(settings)
    before = settings.paths.published.read_bytes()
    change(settings, "drop table marts.fct_gaps")
    with pytest.raises(PublishError, match="no table fct_gaps"):
        publish(settings)
    assert settings.paths.published.read_bytes() == before


def test_nothing_published_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError, match="cei run"):
        open_published(Settings(data_dir=tmp_path).paths)
