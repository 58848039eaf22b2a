"""Cumulative registers are told from interval energy."""

import numpy as np

from cei_assets.core.intake.cumulative import cumulative_rows
from tests.intake_drops import codes, details, judged, rows


def _flags(*series: list[float]) -> list[bool]:
    meter = np.concatenate([np.full(len(values), at) for at, values in enumerate(series)])
    nano = np.concatenate([np.round(np.array(values) * 1e9).astype(np.int64) for values in series])
    flags = cumulative_rows(meter=meter, nano_kwh=nano)
    ends = np.cumsum([len(values) for values in series]) - 1
    return [bool(flags[end]) for end in ends]


def _use(hours: int) -> np.ndarray:
    return np.random.default_rng(1).gamma(2.0, 3.0, hours)


def test_a_register_is_found_and_its_own_differences_are_not() -> None:
    use = _use(200)
    assert _flags(list(50_000 + np.cumsum(use)), list(use)) == [True, False]


def test_a_register_that_stands_still_at_night_is_found() -> None:
    use = _use(200) * (np.arange(200) % 24 >= 8)
    assert _flags(list(50_000 + np.cumsum(use))) == [True]


def test_flat_loads_ramps_from_zero_and_short_series_are_energy() -> None:
    assert _flags([7.0] * 200, [0.0] * 200) == [False, False]
    assert _flags(list(range(39))) == [False]
    assert _flags(list(50_000 + np.cumsum(_use(23)))) == [False]


def test_a_day_of_a_register_is_found() -> None:
    use = _use(24)
    assert _flags(list(50_000 + np.cumsum(use)), list(use)) == [True, False]
    assert _flags(list(50_000 + np.cumsum(use * (np.arange(24) % 2 == 0)))) == [True]


def test_a_day_of_a_load_that_creeps_up_is_energy() -> None:
    assert _flags(list(100 + np.arange(24.0)), list(np.floor(100 + np.arange(47.0) / 3))) == [
        False,
        False,
    ]


def test_a_register_of_a_plant_that_works_one_shift_is_found() -> None:
    hour = np.arange(24 * 14)
    is_work = (hour % 24 >= 6) & (hour % 24 < 14) & (hour // 24 % 7 < 5)
    assert _flags(list(98_765 + np.cumsum(40 * is_work))) == [True]


def test_a_load_that_steps_up_now_and_then_is_energy() -> None:
    assert _flags(list(100 + np.arange(24 * 14) // 48.0)) == [False]


def test_a_register_that_starts_again_at_zero_is_found() -> None:
    use = _use(200)
    assert _flags(list((99_500 + np.cumsum(use)) % 100_000)) == [True]
    exchanged = [*(51_000 + np.cumsum(use)), *np.cumsum(use)]
    assert _flags(exchanged, [*exchanged, *np.cumsum(use)]) == [True, False]


def test_a_load_that_stops_is_energy() -> None:
    assert _flags([500.0] * 100 + [0.0] * 100, [*(100 + np.arange(100.0)), *[0.0] * 100]) == [
        False,
        False,
    ]


def test_a_meter_that_falls_once_is_energy() -> None:
    values = list(50_000 + np.cumsum(_use(200)))
    values[100] -= 1000
    assert _flags(values) == [False]


def test_the_rows_of_a_register_are_refused_and_the_other_meters_go_in() -> None:
    register = 50_000 + np.cumsum(_use(72))
    lines = [
        f"mill,{meter},2026-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z,{value:.3f},kWh"
        for hour in range(72)
        for meter, value in (("main", register[hour]), ("quarter", _use(72)[hour]))
    ]
    verdict = judged(rows(*lines))
    assert (verdict.rows_accepted, verdict.rows_rejected) == (72, 72)
    assert {code for _, code in codes(verdict)} == {"INVALID_VALUE"}
    assert "difference between two readings" in details(verdict)[0]
    assert verdict.rejects["value_text"].to_pylist()[0] == f"{register[0]:.3f}"
