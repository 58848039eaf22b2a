"""Which months are judged again: those whose own or whose baseline's input has changed."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from cei_assets.core.analysis import AnalysisSettings
from cei_assets.settings import Settings
from cei_assets.storage.analysis_state import (
    digests_of,
    months_to_judge,
    newest_month,
    remember_judged,
)

ANALYSIS = AnalysisSettings()
MONTHS = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(16)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse with one meter's value at noon of the first of 16 months."""
    settings = Settings(data_dir=tmp_path)
    settings.paths.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.paths.warehouse)) as connection:
        connection.execute("create schema marts; create schema intermediate")
        connection.execute(
            "create table marts.dim_meters as "
            "select 'rome' as site_id, 'main' as meter_id, 'main_incomer' as role, "
            "null::varchar as parent_meter_id"
        )
        connection.execute(
            """
            create table marts.fct_usage_hourly as
            select 'rome' as site_id, 'main' as meter_id, usage_month::date as usage_month,
                usage_month + interval 12 hour as hour_start_utc,
                1.5::decimal(38, 9) as hour_usage_kwh, true as is_complete
            from range(timestamp '2024-01-01', timestamp '2025-05-01', interval 1 month)
                as months(usage_month)
            """
        )
        connection.execute(
            """
            create table intermediate.int_site_hours as
            select site_id, usage_month, hour_start_utc, true as is_operating,
                true as is_working_day, false as is_holiday, false as is_closure,
                true as has_operating_hours, 20.0 as temperature_c
            from marts.fct_usage_hourly
            """
        )
    return settings


def change(settings: Settings, statement: str) -> None:
    with duckdb.connect(str(settings.paths.warehouse)) as connection:
        connection.execute(statement)


def to_judge(settings: Settings) -> list[date]:
    return months_to_judge(settings=settings, analysis=ANALYSIS)


def judge_all(settings: Settings) -> None:
    remember_judged(digests_of(MONTHS, settings=settings, analysis=ANALYSIS), settings=settings)


def test_everything_is_judged_first_and_nothing_twice(settings: Settings) -> None:
    assert to_judge(settings) == MONTHS
    judge_all(settings)
    assert to_judge(settings) == []


def test_part_that_was_judged_is_remembered(settings: Settings) -> None:
    remember_judged(digests_of(MONTHS[:3], settings=settings, analysis=ANALYSIS), settings=settings)
    assert to_judge(settings) == MONTHS[3:]


FEBRUARY = "where usage_month = '2024-02-01'"


@pytest.mark.parametrize(
    "statement",
    [
        f"update marts.fct_usage_hourly set hour_usage_kwh = 2 {FEBRUARY}",
        f"update marts.fct_usage_hourly set is_complete = false {FEBRUARY}",
        f"delete from marts.fct_usage_hourly {FEBRUARY}",
        f"update intermediate.int_site_hours set temperature_c = 3 {FEBRUARY}",
        f"update intermediate.int_site_hours set is_closure = true {FEBRUARY}",
    ],
)
def test_change_of_a_month_touches_it_and_the_twelve_that_rest_on_it(
    settings: Settings, statement: str
) -> None:
    judge_all(settings)
    change(settings, statement)
    touched = to_judge(settings)
    without_usage = "delete" in statement
    assert touched == MONTHS[2 if without_usage else 1 : 14]


def test_newest_month_touches_itself_alone(settings: Settings) -> None:
    judge_all(settings)
    change(
        settings,
        "update marts.fct_usage_hourly set hour_usage_kwh = 2 where usage_month = '2025-04-01'",
    )
    assert to_judge(settings) == [date(2025, 4, 1)]


def test_change_of_the_meter_tree_touches_all(settings: Settings) -> None:
    judge_all(settings)
    change(settings, "insert into marts.dim_meters values ('rome', 'line', 'submeter', 'main')")
    assert to_judge(settings) == MONTHS


def test_newest_month_is_that_of_the_last_usage(settings: Settings) -> None:
    assert newest_month(settings=settings) == date(2025, 4, 1)
    change(settings, "delete from marts.fct_usage_hourly")
    assert newest_month(settings=settings) is None
