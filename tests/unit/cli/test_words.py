"""What the command prints: values, headline, errors in one line."""

import pytest
import typer

from cei_assets.cli.console import debugging, readable_errors
from cei_assets.cli.scorecard import headline_text, value_text


@pytest.mark.parametrize(
    ("value", "high", "text"),
    [
        (None, None, "unknown"),
        (99.73121, None, "99.73"),
        (0.0, None, "0"),
        (23.0, None, "23"),
        (1.364, 2.268, "1.364 - 2.268"),
        (3778.1, 6282.4, "3,778 - 6,282"),
    ],
)
def test_value_or_interval(value: float | None, high: float | None, text: str) -> None:
    assert value_text(value, high) == text


def test_headline_is_an_interval_in_the_sites_currency() -> None:
    assert (
        headline_text(("EUR", 1.04, 1.71, 8737.2, 14455.9, "bologna, turin", 100.0))
        == "1.0-1.7 % avoidable kWh, 8,737-14,456 EUR a year (bologna, turin)"
    )


def test_headline_without_a_tariff_names_no_money() -> None:
    assert (
        headline_text((None, 1.0, 2.0, None, None, "rome", 100.0))
        == "1.0-2.0 % avoidable kWh, no tariff (rome)"
    )


def test_headline_on_insufficient_baselines_is_called_an_indication() -> None:
    text = headline_text(("EUR", 1.0, 2.0, 10, 20, "rome", 17.4))
    assert "an indication, no claim yet" in text
    assert "17 % of the judged meter months" in text


def test_error_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, readable_errors():
        raise ValueError("sites.csv:3: timezone: found [x], expected a zone")
    assert ended.value.exit_code == 1
    assert "Traceback" not in capsys.readouterr().err


def test_debug_lets_the_error_through() -> None:
    debugging(on=True)
    try:
        with pytest.raises(ValueError, match="the cause"), readable_errors():
            raise ValueError("the cause")
    finally:
        debugging(on=False)
