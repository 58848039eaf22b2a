"""The steel plant's year through the whole chain: an ordinary drop from the adapter on."""

import gzip
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from cei_assets.adapters.steel_uci import write_steel_drops
from tests.small_factory import Installation

pytestmark = pytest.mark.filterwarnings("default")
AS_OF = "2019-01-02T00:00:00Z"


def steel_file() -> Path:
    given = os.environ.get("CEI_SHARED_DATA")
    folder = Path(given) if given else Path(__file__).parents[3] / "shared" / "data"
    path = folder / "steel_uci" / "Steel_industry_data.csv.gz"
    if not path.exists():
        pytest.skip(
            "the steel plant's file is not there; set CEI_SHARED_DATA to the folder that holds "
            "steel_uci/Steel_industry_data.csv.gz"
        )
    return path


@pytest.fixture(scope="module")
def steel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    source = steel_file()
    before = dict(os.environ)
    installation = Installation(folder=tmp_path_factory.mktemp("steel") / "data")
    drop = write_steel_drops(
        source,
        paths=installation.settings.paths,
        price_per_kwh=Decimal("0.10"),
        currency="EUR",
    )
    os.utime(drop, ns=(0, 0))
    installation.run(as_of=AS_OF)
    yield installation
    os.environ.clear()
    os.environ.update(before)


def test_every_quarter_of_the_year_is_there_and_none_is_missing(steel: Installation) -> None:
    assert steel.rows("select rows_read, rows_accepted, rows_rejected from fct_uploads") == [
        (35_040, 35_040, 0)
    ]
    assert steel.rows(
        "select sum(expected_intervals), sum(received_intervals), min(completeness_ratio) "
        "from fct_completeness_daily"
    ) == [(35_040, 35_040, 1.0)]


def test_midnight_row_ends_the_day_before(steel: Installation) -> None:
    """`01/01/2018 00:00` in the file is the quarter from 23:45 of that date."""
    with gzip.open(steel_file(), "rt", encoding="utf-8-sig") as lines:
        stamped = dict(line.split(",")[:2] for line in lines)
    assert steel.rows(
        "select usage_kwh from fct_interval_readings "
        "where interval_start_local = '2018-01-01 23:45:00'"
    ) == [(Decimal(stamped["01/01/2018 00:00"]).quantize(Decimal("1e-9")),)]


def test_energy_is_the_source_s_to_the_last_digit(steel: Installation) -> None:
    with gzip.open(steel_file(), "rt", encoding="utf-8-sig") as lines:
        next(lines)
        total = sum(Decimal(line.split(",")[1]) for line in lines)
    assert steel.rows("select sum(hour_usage_kwh) from fct_usage_hourly") == [(total,)]
    assert steel.rows("select sum(day_usage_kwh) from fct_usage_daily") == [(total,)]


def test_report_names_what_was_found(steel: Installation) -> None:
    episodes = steel.rows(
        "select rule, first_interval_local::varchar from fct_anomaly_episodes "
        "where is_actionable order by excess_kwh desc"
    )
    assert episodes
    html = (steel.settings.paths.reports / "pilot_closeout.html").read_text(encoding="utf-8")
    assert "Steel plant, Gwangyang" in html
    rule, first = episodes[0]
    assert str(rule).replace("_", " ") in html
    assert str(first)[:10] in html


def test_headline_is_an_interval(steel: Installation) -> None:
    ((low, high, cost_low, cost_high),) = steel.rows(
        "select annual_low_kwh, annual_high_kwh, annual_cost_low, annual_cost_high "
        "from rpt_annual_avoidable"
    )
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert 0 <= low < high
    assert isinstance(cost_low, Decimal)
    assert isinstance(cost_high, Decimal)
    assert cost_low < cost_high
