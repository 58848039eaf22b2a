"""Great Expectations over a published file, for real."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from cei_assets.checks.gx_runner import SUMMARY_MARTS, expectations_for, run_quality
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.settings import Settings
from cei_assets.storage.published import open_published, publish
from tests.example_pilot import write_warehouse

# Great Expectations' own dependencies use what Python has deprecated.
pytestmark = pytest.mark.filterwarnings("default")
AT = datetime(2026, 3, 9, 5)  # noqa: DTZ001 - the platform's clock is naive UTC


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    write_warehouse(settings.paths.warehouse)
    publish(settings)
    return settings


def test_every_summary_mart_is_a_declared_mart() -> None:
    assert set(SUMMARY_MARTS) <= {table.name for table in MART_TABLES}


def test_clean_marts_pass_and_results_are_published(settings: Settings) -> None:
    outcome = run_quality(settings, validated_at=AT)
    assert outcome.failures == ()
    expected = sum(
        len(expectations_for(table)) for table in MART_TABLES if table.name in SUMMARY_MARTS
    )
    assert outcome.expectations == expected
    assert outcome.data_docs.exists()
    assert list(outcome.data_docs.parent.glob("validations/**/*.html"))
    with open_published(settings.paths) as connection:
        rows = connection.execute(
            "select count(*), count(*) filter (is_success), min(validated_at_utc) "
            "from fct_quality_results"
        ).fetchall()
    assert rows == [(expected, expected, AT)]


def test_broken_mart_fails_with_the_offending_value(settings: Settings) -> None:
    with duckdb.connect(str(settings.paths.warehouse)) as connection:
        connection.execute(
            "update marts.fct_completeness_daily set completeness_ratio = 1.7 "
            "where local_date = (select min(local_date) from marts.fct_completeness_daily)"
        )
        connection.execute(
            "update marts.fct_anomaly_episodes set excess_low_kwh = excess_high_kwh + 1"
        )
    publish(settings)
    outcome = run_quality(settings, validated_at=AT)
    text = "\n".join(outcome.failures)
    assert outcome.failed == len(outcome.failures) == 2
    assert "fct_completeness_daily.completeness_ratio" in text
    assert "1.7" in text
    assert "fct_anomaly_episodes.*: expect_column_pair_values_a_to_be_greater_than_b" in text
