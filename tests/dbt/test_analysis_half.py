"""The half of the build that reads the analysis: episodes, costs, headline, scorecard."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from dbt_session import DbtSession
from parquet_inputs import DataDirectory, Receipt, Row

# naive UTC, as tables hold it
AS_OF = datetime.fromisoformat("2024-02-29 23:00")
FIRST_HOUR = datetime.fromisoformat("2023-12-31 23:00")
HOURS = 60 * 24
JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)


def local(hour: datetime) -> datetime:
    """Rome's clock in winter."""
    return hour + timedelta(hours=1)


def month_of(hour: datetime) -> date:
    return local(hour).date().replace(day=1)


def register(data: DataDirectory) -> None:
    data.write_register("organizations", [{"organization_id": "o", "organization_name": "O"}])
    data.write_register(
        "sites",
        [
            {
                "site_id": site,
                "organization_id": "o",
                "site_name": site,
                "timezone": "Europe/Rome",
                "country": "IT",
            }
            for site in ("plant", "it's idle")
        ],
    )
    data.write_register(
        "meters",
        [
            {
                "site_id": site,
                "meter_id": meter,
                "description": meter,
                "role": role,
                "parent_meter_id": parent,
                "interval_seconds": 3600,
                "interval_label": "start",
                "expected_from": JANUARY,
            }
            for site, meter, role, parent in (
                ("plant", "main", "main_incomer", None),
                ("plant", "compressors", "submeter", "main"),
                ("it's idle", "main", "main_incomer", None),
            )
        ],
    )
    data.write_register(
        "tariffs",
        [
            {
                "site_id": "plant",
                "valid_from": JANUARY,
                "currency": "EUR",
                "price_per_kwh": Decimal(price),
                "hour_from": first,
                "hour_to": last,
                "weekday_from": 0,
                "weekday_to": 6,
            }
            for price, first, last in (("0.10", 22, 6), ("0.30", 6, 22))
        ],
    )
    data.write_register(
        "emission_factors",
        [
            {"country": "IT", "year": 2024, "kgco2e_per_kwh": 0.25, "source": "test"},
        ],
    )
    data.write_register(
        "measures",
        [
            {
                "measure_id": "leaks",
                "site_id": "plant",
                "meter_id": "compressors",
                "description": "Leaks mended",
                "implemented_on": date(2024, 2, 1),
                "capex": Decimal("1000.00"),
                "currency": "EUR",
            },
        ],
    )


def readings() -> list[Row]:
    """Every hour of January and February; the compressors miss one hour in fifty."""
    return [
        {
            "organization_id": "o",
            "site_id": "plant",
            "meter_id": meter,
            "interval_start_utc": FIRST_HOUR + timedelta(hours=hour),
            "interval_seconds": 3600,
            "usage_kwh": Decimal(10),
            "reading_quality": "raw",
            "flow_direction": "forward",
        }
        for meter in ("main", "compressors")
        for hour in range(HOURS)
        if meter == "main" or hour % 50
    ]


def flagged(days: range) -> list[Row]:
    """Compressors left on from 22:00 to 06:00 local, from Monday to Friday."""
    first_night = datetime.fromisoformat("2024-01-01 21:00")
    starts = [first_night + timedelta(days=day) for day in days]
    return [
        {
            "site_id": "plant",
            "meter_id": "compressors",
            "rule": "night_load",
            "hour_start_utc": hour,
            "usage_month": month_of(hour),
            "level_kwh": 10.0,
            "reference_kwh": 4.0,
            "excess_kwh": 6.0,
            "excess_low_kwh": 5.0,
            "excess_high_kwh": 7.0,
            "score": 3.0,
        }
        for start in starts
        if start.weekday() < 5
        for hour in (start + timedelta(hours=step) for step in range(8))
    ]


def counterfactuals(month: date, level: float) -> list[Row]:
    hours = [FIRST_HOUR + timedelta(hours=hour) for hour in range(HOURS)]
    return [
        {
            "site_id": "plant",
            "meter_id": "main",
            "hour_start_utc": hour,
            "usage_month": month,
            "model_id": "m",
            "level_kwh": level,
            "counterfactual_kwh": 9.0,
            "residual_kwh": 1.0,
            "residual_scale_kwh": 1.0,
        }
        for hour in hours
        if month_of(hour) == month
    ]


def baseline_model(meter: str, month: date, kind: str, *, is_sufficient: bool) -> Row:
    start = datetime.fromisoformat("2022-01-01")
    return {
        "model_id": f"{meter}-{month}",
        "site_id": "plant",
        "meter_id": meter,
        "usage_month": month,
        "model_kind": kind,
        "baseline_start_utc": start,
        "baseline_end_utc": start,
        "baseline_hours": 0,
        "parameter_count": 0,
        "baseline_coverage": 0.0,
        "temperature_coverage": 0.0,
        "is_sufficient": is_sufficient,
    }


def write_analysis(data: DataDirectory, days: range) -> None:
    flags = flagged(days)
    data.write_analysis("flagged_hours", flags)
    data.write_analysis(
        "avoidable_hours",
        [
            {
                name: row[name]
                for name in ("site_id", "meter_id", "rule", "hour_start_utc", "usage_month")
            }
            | {"counted_kwh": 6.0, "counted_low_kwh": 5.0, "counted_high_kwh": 7.0}
            for row in flags
        ],
    )
    data.write_analysis(
        "annual_avoidable",
        [
            {
                "site_id": "plant",
                "judged_hours": HOURS,
                "metered_kwh": 14400.0,
                "annual_use_kwh": 87600.0,
                "annual_low_kwh": 5000.0,
                "annual_mid_kwh": 6000.0,
                "annual_high_kwh": 7000.0,
            },
        ],
    )
    data.write_analysis(
        "avoided_energy",
        [
            {
                "measure_id": "leaks",
                "site_id": "plant",
                "meter_id": "compressors",
                "model_kind": "towt",
                "baseline_start_utc": FIRST_HOUR,
                "baseline_end_utc": datetime.fromisoformat("2024-01-31 23:00"),
                "baseline_hours": 744,
                "reporting_start_utc": datetime.fromisoformat("2024-01-31 23:00"),
                "reporting_end_utc": datetime.fromisoformat("2024-02-01 23:00"),
                "reporting_hours": 24,
                "metered_kwh": 200.0,
                "counterfactual_kwh": 240.0,
                "avoided_kwh": 40.0,
                "avoided_low_kwh": -10.0,
                "avoided_high_kwh": 90.0,
                "is_detectable": False,
                "is_sufficient": True,
            },
        ],
    )
    data.write_analysis(
        "baseline_models",
        [
            baseline_model("main", month, kind, is_sufficient=suffices)
            for month, kind, suffices in (
                (date(2022, 12, 1), "towt", False),
                (date(2023, 12, 1), "warming_up", False),
                (JANUARY, "towt", False),
                (FEBRUARY, "towt", True),
            )
        ],
    )
    data.write_analysis(
        "counterfactual_hourly", counterfactuals(JANUARY, 10.0) + counterfactuals(FEBRUARY, 10.0)
    )


class Analysed:
    """A built pilot whose analysis can be changed and built again."""

    def __init__(self, data: DataDirectory, dbt: DbtSession) -> None:
        self.data = data
        self.dbt = dbt

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.data.warehouse), read_only=True) as connection:
            return connection.execute(text).fetchall()


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analysed]:
    data = DataDirectory(root=tmp_path_factory.mktemp("analysed"))
    register(data)
    data.receive(Receipt(receipt_id="a", received_at_utc=AS_OF, readings=readings()))
    data.prepare_build(as_of=AS_OF, previous=None, is_full=True)
    write_analysis(data, range(12))
    with DbtSession(data.root) as dbt:
        dbt.build("--full-refresh", "--select", "tag:readings")
        dbt.build("--select", "tag:analysis")
        yield Analysed(data, dbt)


def test_nights_and_the_weekend_between_them_are_one_episode(analysed: Analysed) -> None:
    rows = analysed.query("""
        select first_interval_local, last_interval_local, episode_hours, excess_kwh, counted_kwh,
            cost, cost_low, cost_high, currency, kgco2e, severity, is_actionable
        from marts.fct_anomaly_episodes
    """)
    assert rows == [
        (
            datetime.fromisoformat("2024-01-01 22:00"),
            datetime.fromisoformat("2024-01-13 05:00"),
            80,
            480.0,
            480.0,
            Decimal("48.00"),
            Decimal("40.00"),
            Decimal("56.00"),
            "EUR",
            120.0,
            "critical",
            True,
        )
    ]


def test_avoidable_energy_is_priced_hour_by_hour(analysed: Analysed) -> None:
    rows = analysed.query("""
        select rule, usage_month, episode_hours, counted_low_kwh, counted_high_kwh, cost_low,
            cost, cost_high
        from marts.fct_avoidable_energy
    """)
    assert rows == [
        (
            "night_load",
            JANUARY,
            80,
            400.0,
            560.0,
            Decimal("40.00"),
            Decimal("48.00"),
            Decimal("56.00"),
        )
    ]


def test_avoided_energy_takes_the_mean_price_of_the_reporting_period(analysed: Analysed) -> None:
    rows = analysed.query("""
        select cost, cost_low, cost_high, currency, capex from marts.fct_avoided_energy
    """)
    # 8 hours at 0.10 and 16 at 0.30 have a mean of 0.233333
    assert rows == [
        (Decimal("9.33"), Decimal("-2.33"), Decimal("21.00"), "EUR", Decimal("1000.00"))
    ]


def test_the_headline_is_priced_by_the_counted_hours(analysed: Analysed) -> None:
    rows = analysed.query("""
        select site_id, annual_cost_low, annual_cost_high from marts.rpt_annual_avoidable
    """)
    assert rows == [("plant", Decimal("500.00"), Decimal("700.00"))]


def test_the_headline_says_how_many_of_its_baselines_suffice(analysed: Analysed) -> None:
    """One of the two judged months of the last twelve; warming up judges nothing."""
    rows = analysed.query("select sufficient_share from marts.rpt_annual_avoidable")
    assert rows == [(0.5,)]


def test_every_query_of_the_scorecard_reproduces_its_value(analysed: Analysed) -> None:
    rows = analysed.query("""
        select query, metric_value, metric_value_high from marts.rpt_pilot_scorecard
    """)
    assert len(rows) == 12
    for query, low, high in rows:
        assert [tuple(map(_number, found)) for found in analysed.query(query)] == [
            (_number(low), _number(high))
        ]


def _number(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


def test_the_scorecard_says_what_is_met(analysed: Analysed) -> None:
    rows = analysed.query("""
        select metric, round(metric_value, 3), round(metric_value_high, 3), unit, is_met
        from marts.rpt_pilot_scorecard where site_id = 'plant' order by metric
    """)
    assert rows == [
        ("actionable_inefficiencies", 1.0, None, "count", False),
        ("avoidable_cost", 500.0, 700.0, "EUR/a", None),
        ("avoidable_share", 5.708, 7.991, "%", None),
        ("coverage", 98.993, None, "%", True),
        ("gap_share", 1.007, None, "%", True),
        ("worst_meter_gap_share", 2.014, None, "%", False),
    ]


def test_a_silent_site_has_a_scorecard_too(analysed: Analysed) -> None:
    rows = analysed.query("""
        select metric, metric_value, is_met from marts.rpt_pilot_scorecard
        where site_id = 'it''s idle' order by metric
    """)
    assert rows == [
        ("actionable_inefficiencies", 0.0, False),
        ("avoidable_cost", None, None),
        ("avoidable_share", None, None),
        ("coverage", 0.0, False),
        ("gap_share", 100.0, False),
        ("worst_meter_gap_share", 100.0, False),
    ]


def test_a_growing_episode_keeps_its_identity_and_only_changed_months_are_read(
    analysed: Analysed,
) -> None:
    before = analysed.query("select episode_id from marts.fct_anomaly_episodes")
    analysed.data.prepare_build(as_of=AS_OF, previous=AS_OF)
    analysed.data.write_analysis("flagged_hours", flagged(range(50)))
    analysed.data.write_analysis("counterfactual_hourly", counterfactuals(FEBRUARY, 12.5))
    analysed.dbt.build("--select", "tag:analysis", "--exclude-resource-type", "unit_test")
    after = analysed.query("select episode_id, episode_hours from marts.fct_anomaly_episodes")
    assert [episode for episode, _ in after] == [episode for (episode,) in before]
    assert after[0][1] > 80
    changed = analysed.query("select usage_month from intermediate.int_analysis_months_changed")
    assert changed == [(FEBRUARY,)]
    levels = analysed.query("""
        select usage_month, min(level_kwh), max(level_kwh), count(*)
        from marts.fct_counterfactual_hourly group by all order by all
    """)
    assert levels == [(JANUARY, 10.0, 10.0, 744), (FEBRUARY, 12.5, 12.5, 696)]
