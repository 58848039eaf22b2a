"""Timestamps without offset in the zone that the sidecar names."""

from cei_assets.contracts.vocabulary import UploadSource
from tests.intake_drops import accepted, at, codes, details, judged, rows

ROME = '{"timezone": "Europe/Rome"}'


def _drop(*times: str, meter: str = "main") -> str:
    return rows(*(f"mill,{meter},{time},{n},kWh" for n, time in enumerate(times, start=1)))


def test_local_times_follow_the_zone_s_winter_and_summer() -> None:
    verdict = judged(_drop("2026-01-01 12:00", "2026-07-01 12:00"), sidecar=ROME)
    assert accepted(verdict, "interval_start_utc") == [
        (at("2026-01-01T11:00"),),
        (at("2026-07-01T10:00"),),
    ]


def test_an_offset_counts_before_the_sidecar_s_zone() -> None:
    verdict = judged(_drop("2026-01-01T12:00:00Z"), sidecar=ROME)
    assert accepted(verdict, "interval_start_utc") == [(at("2026-01-01T12:00"),)]


def test_the_hour_that_spring_leaves_out_is_refused() -> None:
    verdict = judged(
        _drop("2026-03-29 01:00", "2026-03-29 02:00", "2026-03-29 03:00"), sidecar=ROME
    )
    assert codes(verdict) == [(3, "INVALID_TIMESTAMP")]
    assert "does not exist in Europe/Rome" in details(verdict)[0]
    assert accepted(verdict, "interval_start_utc") == [
        (at("2026-03-29T00:00"),),
        (at("2026-03-29T01:00"),),
    ]


def test_the_repeated_autumn_hour_is_resolved_by_order() -> None:
    verdict = judged(
        _drop("2026-10-25 01:00", "2026-10-25 02:00", "2026-10-25 02:00", "2026-10-25 03:00"),
        sidecar=ROME,
    )
    assert codes(verdict) == []
    assert accepted(verdict, "interval_start_utc", "line_number") == [
        (at("2026-10-24T23:00"), 2),
        (at("2026-10-25T00:00"), 3),
        (at("2026-10-25T01:00"), 4),
        (at("2026-10-25T02:00"), 5),
    ]


def test_quarter_hours_of_the_repeated_hour_are_told_apart_by_their_run() -> None:
    hour = [f"2026-10-25 02:{minute:02d}" for minute in (0, 15, 30, 45)]
    verdict = judged(_drop(*hour, *hour, meter="quarter"), sidecar=ROME)
    starts = [start for (start,) in accepted(verdict, "interval_start_utc")]
    assert starts == [at(f"2026-10-25T0{h}:{m:02d}") for h in (0, 1) for m in (0, 15, 30, 45)]


def test_in_a_file_from_the_newest_row_to_the_oldest_the_later_hour_stands_first() -> None:
    times = ["2026-10-25 03:00", "2026-10-25 02:00", "2026-10-25 02:00", "2026-10-25 01:00"]
    verdict = judged(_drop(*times), sidecar=ROME)
    assert accepted(verdict, "interval_start_utc", "line_number") == [
        (at("2026-10-24T23:00"), 5),
        (at("2026-10-25T00:00"), 4),
        (at("2026-10-25T01:00"), 3),
        (at("2026-10-25T02:00"), 2),
    ]


def test_meters_one_after_another_do_not_make_a_file_run_backwards() -> None:
    hours = ["2026-10-25 01:00", "2026-10-25 02:00", "2026-10-25 02:00"]
    verdict = judged(
        rows(
            *(f"mill,{meter},{time},{n},kWh"
              for meter in ("main", "quarter") for n, time in enumerate(hours))
        ),
        sidecar=ROME,
    )  # fmt: skip
    starts = accepted(verdict, "meter_id", "interval_start_utc", "line_number")
    assert starts[1:3] == [
        ("main", at("2026-10-25T00:00"), 3),
        ("main", at("2026-10-25T01:00"), 4),
    ]


def test_a_repeated_hour_that_stands_once_is_ambiguous() -> None:
    verdict = judged(_drop("2026-10-25 02:00"), sidecar=ROME)
    assert codes(verdict) == [(2, "INVALID_TIMESTAMP")]
    assert "ambiguous in Europe/Rome" in details(verdict)[0]


def test_a_repeated_hour_that_stands_three_times_is_ambiguous() -> None:
    verdict = judged(_drop(*["2026-10-25 02:00"] * 3), sidecar=ROME)
    assert codes(verdict) == [(line, "INVALID_TIMESTAMP") for line in (2, 3, 4)]


def test_the_order_counts_for_each_meter_by_itself() -> None:
    verdict = judged(
        rows(
            "mill,main,2026-10-25 02:00,1,kWh",
            "mill,quarter,2026-10-25 02:00,2,kWh",
            "mill,main,2026-10-25 02:00,3,kWh",
        ),
        sidecar=ROME,
    )
    assert codes(verdict) == [(3, "INVALID_TIMESTAMP")]
    assert accepted(verdict, "interval_start_utc", "line_number") == [
        (at("2026-10-25T00:00"), 2),
        (at("2026-10-25T01:00"), 4),
    ]


def test_a_zone_that_does_not_exist_refuses_the_file_by_name() -> None:
    verdict = judged(_drop("2026-01-01 12:00"), sidecar='{"timezone": "Europe/Milano"}')
    assert codes(verdict) == [(1, "MALFORMED_FILE")]
    assert "Europe/Milano" in details(verdict)[0]


def test_a_sidecar_that_is_no_json_refuses_the_file() -> None:
    verdict = judged(_drop("2026-01-01 12:00"), sidecar="timezone=Europe/Rome")
    assert codes(verdict) == [(1, "MALFORMED_FILE")]


def test_temperatures_follow_the_same_rule() -> None:
    drop = "site_id,timestamp_utc,temperature_c\n" + "".join(
        f"mill,{time},{degrees}\n"
        for time, degrees in [
            ("2026-10-25 02:00", 5),
            ("2026-10-25 02:00", 4),
            ("2026-03-29 02:00", 9),
            ("2025-10-26 02:00", 9),
        ]
    )
    verdict = judged(drop, source=UploadSource.TEMPERATURE, sidecar=ROME)
    assert codes(verdict) == [(4, "INVALID_TIMESTAMP"), (5, "INVALID_TIMESTAMP")]
    assert verdict.temperatures is not None
    assert verdict.temperatures["observed_at_utc"].to_pylist() == [
        at("2026-10-25T00:00"),
        at("2026-10-25T01:00"),
    ]


def test_temperatures_from_the_newest_to_the_oldest_too() -> None:
    times = ["2026-10-25 03:00", "2026-10-25 02:00", "2026-10-25 02:00", "2026-10-25 01:00"]
    drop = "site_id,timestamp_utc,temperature_c\n" + "".join(
        f"mill,{time},{degrees}\n" for degrees, time in enumerate(times)
    )
    verdict = judged(drop, source=UploadSource.TEMPERATURE, sidecar=ROME)
    assert verdict.temperatures is not None
    found = verdict.temperatures.select(["observed_at_utc", "temperature_c"]).to_pylist()
    degrees = {row["observed_at_utc"]: row["temperature_c"] for row in found}
    assert degrees[at("2026-10-25T00:00")] == 2
    assert degrees[at("2026-10-25T01:00")] == 1
