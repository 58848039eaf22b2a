"""Batched baselines: accuracy where the truth is known, no input that breaks them."""

from dataclasses import replace

import numpy as np
import pytest

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.batch import fit_batch, predict_batch
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.frame import SiteFrame
from cei_assets.core.baseline.shared import Training, shared_groups
from tests.baseline_frames import factory, site_frame, weather

YEAR = 364 * 24
TWO_YEARS = 2 * YEAR


def first_year(frame: SiteFrame) -> np.ndarray:
    return np.arange(len(frame.hours)) < YEAR


def year_ahead(frame: SiteFrame, settings: BlendSettings | None = None) -> np.ndarray:
    fits = fit_batch([Training(frame=frame, train=first_year(frame))], settings)
    return predict_batch(fits, [frame])[0]


@pytest.fixture(scope="module")
def known() -> SiteFrame:
    warm = weather(TWO_YEARS)
    rng = np.random.default_rng(1)
    return site_frame(np.array([factory(warm, rng) for _ in range(3)]), temperature=warm)


def test_a_known_load_is_predicted_a_year_ahead_to_its_noise(known: SiteFrame) -> None:
    expected = year_ahead(known)[:, YEAR:]
    error = known.usage[:, YEAR:] - expected
    cv = np.sqrt((error**2).mean(axis=1)) / known.usage[:, YEAR:].mean(axis=1)
    assert (cv < 0.06).all()
    assert np.abs(error.sum(axis=1) / expected.sum(axis=1)).max() < 0.01


def test_what_a_meter_is_told_does_not_depend_on_its_neighbours(known: SiteFrame) -> None:
    together = year_ahead(known)
    for meter in range(3):
        alone = year_ahead(
            replace(
                known,
                meter_ids=known.meter_ids[meter : meter + 1],
                usage=known.usage[meter : meter + 1],
                zero=known.zero[meter : meter + 1],
            )
        )
        np.testing.assert_allclose(alone[0], together[meter], rtol=1e-9)


def test_chunks_of_any_size_give_the_same(known: SiteFrame) -> None:
    whole = year_ahead(known)
    single = year_ahead(known, BlendSettings(meters_per_chunk=1))
    np.testing.assert_allclose(single, whole, rtol=1e-9)


def test_judged_hours_are_never_seen(known: SiteFrame) -> None:
    later = known.usage.copy()
    later[:, YEAR:] *= 7.0
    np.testing.assert_array_equal(year_ahead(replace(known, usage=later)), year_ahead(known))


def test_sites_with_the_same_hours_and_weather_share_a_design_and_others_do_not(
    known: SiteFrame,
) -> None:
    train = first_year(known)
    copied = replace(known, site_id="copy", temperature=known.temperature.copy())
    warmer = replace(known, site_id="warmer", temperature=known.temperature + 1.0)
    trainings = [Training(frame=frame, train=train) for frame in (known, warmer, copied)]
    assert shared_groups(trainings) == [[0, 2], [1]]
    expected = predict_batch(fit_batch(trainings), [known, warmer, copied])
    np.testing.assert_array_equal(expected[0], expected[2])
    np.testing.assert_allclose(expected[1], year_ahead(warmer), rtol=1e-9)


def test_a_meter_in_megawatt_hours_gets_the_same_baseline(known: SiteFrame) -> None:
    small = replace(known, usage=known.usage / 1000.0)
    np.testing.assert_allclose(year_ahead(small) * 1000.0, year_ahead(known), rtol=1e-6)


def test_holidays_are_expected_to_be_sundays() -> None:
    warm = weather(TWO_YEARS)
    load = factory(warm, np.random.default_rng(2))
    closed = ("2023-05-01", "2023-08-15", "2024-05-01", "2024-08-15")
    usage = np.array([load])
    free = np.isin(
        np.datetime64("2023-01-02", "D") + np.arange(TWO_YEARS) // 24,
        np.array(closed, dtype="M8[D]"),
    )
    usage[0, free] = 20.0 + np.maximum(warm[free] - 18, 0)
    frame = site_frame(usage, temperature=warm, free_days=closed)
    judged = free & (np.arange(TWO_YEARS) >= YEAR)
    np.testing.assert_allclose(year_ahead(frame)[0, judged], usage[0, judged], rtol=0.2)


def test_a_month_of_waste_in_the_baseline_moves_it_by_less_than_its_share() -> None:
    warm = weather(TWO_YEARS)
    load = factory(warm, np.random.default_rng(3))
    clean = year_ahead(site_frame(np.array([load]), temperature=warm))
    wasteful = load.copy()
    wasteful[100 * 24 : 110 * 24] += 60.0
    moved = year_ahead(site_frame(np.array([wasteful]), temperature=warm))
    waste = 60.0 * 10 * 24
    shift = moved[0, YEAR:].sum() - clean[0, YEAR:].sum()
    assert 0 <= shift < 0.6 * waste


@pytest.mark.parametrize(
    ("days", "kind"),
    [
        (6, ModelKind.WARMING_UP),
        (20, ModelKind.ROBUST_PROFILE),
        (60, ModelKind.TOWT),
        (364, ModelKind.TOWT),
    ],
)
def test_a_meter_gets_the_model_its_history_allows(days: int, kind: ModelKind) -> None:
    warm = weather(TWO_YEARS)
    load = factory(warm, np.random.default_rng(4))
    load[: YEAR - days * 24] = np.nan
    frame = site_frame(np.array([load]), temperature=warm)
    fits = fit_batch([Training(frame=frame, train=first_year(frame))])
    assert fits.kinds() == [[kind]]
    expected = predict_batch(fits, [frame.part(YEAR, YEAR + 28 * 24)])[0]
    assert np.isfinite(expected).all() == (kind is not ModelKind.WARMING_UP)


def test_without_temperature_hour_of_week_and_season_remain() -> None:
    warm = weather(TWO_YEARS)
    load = factory(warm, np.random.default_rng(5))
    frame = site_frame(np.array([load]), temperature=np.full(TWO_YEARS, np.nan))
    fits = fit_batch([Training(frame=frame, train=first_year(frame))])
    assert fits.kinds() == [[ModelKind.HOUR_OF_WEEK_SEASONAL]]
    expected = predict_batch(fits, [frame])[0][0, YEAR:]
    error = load[YEAR:] - expected
    assert np.sqrt((error**2).mean()) < 0.2 * load.mean()


def test_hours_without_temperature_get_no_expectation_from_a_model_that_needs_it() -> None:
    warm = weather(TWO_YEARS)
    load = factory(warm, np.random.default_rng(6))
    warm[YEAR + 100 : YEAR + 150] = np.nan
    expected = year_ahead(site_frame(np.array([load]), temperature=warm))[0]
    assert np.isnan(expected[YEAR + 100 : YEAR + 150]).all()
    assert np.isfinite(np.delete(expected, np.arange(YEAR + 100, YEAR + 150))).all()


def test_a_driver_explains_what_it_drives() -> None:
    warm = weather(TWO_YEARS)
    rng = np.random.default_rng(7)
    pieces = np.repeat(rng.uniform(0, 100, TWO_YEARS // 24), 24)
    load = factory(warm, rng) + 2.0 * pieces
    frame = site_frame(np.array([load]), temperature=warm)
    train = first_year(frame)
    plain = year_ahead(frame)[0, YEAR:]
    fits = fit_batch([Training(frame=frame, train=train, drivers=pieces[:, None])])
    driven = predict_batch(fits, [frame], drivers=[pieces[:, None]])[0][0, YEAR:]
    assert np.std(load[YEAR:] - driven) < 0.6 * np.std(load[YEAR:] - plain)


def test_clock_changes_are_followed() -> None:
    warm = weather(TWO_YEARS)
    frame = site_frame(np.zeros((1, TWO_YEARS)), temperature=warm, zone="Europe/Rome")
    busy = (frame.hour_of_week // 24 < 5) & (frame.local_hour >= 6) & (frame.local_hour < 18)
    load = 20.0 + 60.0 * busy
    expected = year_ahead(replace(frame, usage=load[None]))
    np.testing.assert_allclose(expected[0, YEAR:], load[YEAR:], atol=1.0)


def _sundays(load: np.ndarray) -> np.ndarray:
    return np.where((np.arange(len(load)) // 24) % 7 == 6, load, np.nan)


def _sparse(load: np.ndarray) -> np.ndarray:
    return np.where(np.random.default_rng(0).random(len(load)) < 0.01, load, np.nan)


BROKEN = {
    "constant": lambda load: np.full_like(load, 5.0),
    "empty": lambda load: np.full_like(load, np.nan),
    "one hour": lambda load: np.where(np.arange(len(load)) == 5000, load, np.nan),
    "1 % coverage": _sparse,
    "all zero": np.zeros_like,
    "infinite": lambda load: np.where(np.arange(len(load)) % 7 == 0, np.inf, load),
    "all infinite": lambda load: np.full_like(load, -np.inf),
    "negative": lambda load: -load,
    "huge": lambda load: load * 1e300,
    "tiny": lambda load: load * 1e-300,
    "cumulative": np.cumsum,
    "only Sundays": _sundays,
    "one spike": lambda load: np.where(np.arange(len(load)) == 5000, 1e12, load),
    "half zero": lambda load: np.where(np.arange(len(load)) % 2 == 0, 0.0, load),
    "never on working days": lambda load: np.where(np.isfinite(_sundays(load)), load, 0.0),
}


@pytest.fixture(scope="module")
def broken() -> tuple[SiteFrame, np.ndarray]:
    warm = weather(TWO_YEARS)
    load = factory(warm, np.random.default_rng(8))
    rows = np.array([load, *(spoil(load) for spoil in BROKEN.values())])
    frame = site_frame(rows, temperature=warm)
    return frame, year_ahead(frame)


@pytest.mark.parametrize("name", BROKEN)
def test_no_meter_breaks_the_batch_or_gets_an_impossible_baseline(
    broken: tuple[SiteFrame, np.ndarray], name: str
) -> None:
    _, expected = broken
    found = expected[1 + list(BROKEN).index(name)]
    assert not np.isinf(found).any()
    assert not (found < 0).any()


def test_broken_neighbours_change_nothing(broken: tuple[SiteFrame, np.ndarray]) -> None:
    frame, expected = broken
    sound = replace(
        frame, meter_ids=frame.meter_ids[:1], usage=frame.usage[:1], zero=frame.zero[:1]
    )
    np.testing.assert_allclose(year_ahead(sound)[0], expected[0], rtol=1e-9)


def test_a_constant_meter_is_expected_to_stay_constant(
    broken: tuple[SiteFrame, np.ndarray],
) -> None:
    np.testing.assert_allclose(broken[1][1 + list(BROKEN).index("constant")], 5.0, rtol=1e-6)


@pytest.mark.parametrize(
    "temperature",
    [
        np.full(TWO_YEARS, 20.0),
        np.full(TWO_YEARS, np.inf),
        np.where(np.arange(TWO_YEARS) % 3 == 0, np.nan, 10.0),
    ],
    ids=["constant", "infinite", "a third missing"],
)
def test_odd_temperatures_break_nothing(temperature: np.ndarray) -> None:
    load = factory(weather(TWO_YEARS), np.random.default_rng(9))
    expected = year_ahead(site_frame(np.array([load]), temperature=temperature))[0]
    known = np.isfinite(expected)
    assert known.any()
    assert not (expected[known] < 0).any()


def test_a_site_without_hours_or_without_training_has_no_expectation(known: SiteFrame) -> None:
    nothing = np.zeros(len(known.hours), dtype=bool)
    fits = fit_batch([Training(frame=known, train=nothing)])
    assert fits.kinds() == [[ModelKind.WARMING_UP] * 3]
    assert np.isnan(predict_batch(fits, [known])[0]).all()
    empty = known.part(0, 0)
    assert (
        predict_batch(fit_batch([Training(frame=empty, train=nothing[:0])]), [empty])[0].size == 0
    )
