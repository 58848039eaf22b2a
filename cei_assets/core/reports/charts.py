"""The report's charts: rows in, SVG text out. Colours are safe for colour-blind eyes."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch

from cei_assets.core.reports.svg import inline_svg, styled

METERED = "#1f5f8b"
EXPECTED = "#d1762b"
NO_DATA = "#e9ecef"
WIDTH = 10.4
MAX_CALENDAR_METERS = 60
FloatArray = npt.NDArray[np.float64]

_COVERAGE_STEPS = (0.0, 1e-9, 0.5, 0.95, 0.999999, 1.01)
_COVERAGE_COLOURS = ("#7a1f1f", "#d1762b", "#f0c36d", "#b9d3e6", "#4f8fbf")
_COVERAGE_NAMES = ("nothing", "under 50 %", "50 to 95 %", "95 % to under 100 %", "complete")


def profile_chart(table: pa.Table, *, name: str, alt: str) -> str:
    """Mean day, metered against expected, one panel for each kind of day.

    `table` has day_type, local_hour, metered_kwh, expected_kwh and the metered 10th and 90th
    percentile; kWh per hour, hours on the site's clock.
    """
    day_types = sorted(set(table["day_type"].to_pylist()))
    with styled():
        drawing = Drawing(figsize=(WIDTH, 2.9), layout="constrained")
        panels = drawing.subplots(1, max(len(day_types), 1), sharey=True, squeeze=False)[0]
        for panel, day_type in zip(panels, day_types, strict=False):
            _profile_panel(panel, table.filter(pa.compute.equal(table["day_type"], day_type)))
            panel.set_title(day_type)
        panels[0].set_ylabel("kWh per hour")
        panels[0].legend(loc="upper left", ncols=3, fontsize=7.5)
        low, high = panels[0].get_ylim()
        panels[0].set_ylim(min(low, 0), high * 1.15)
        return inline_svg(drawing, name=name, alt=alt)


def _profile_panel(panel: Axes, rows: pa.Table) -> None:
    hours = rows["local_hour"].to_numpy() + 0.5
    low, high = rows["metered_p10_kwh"].to_numpy(), rows["metered_p90_kwh"].to_numpy()
    panel.fill_between(
        hours, low, high, color=METERED, alpha=0.15, linewidth=0, label="metered, 8 of 10 days"
    )
    panel.plot(hours, rows["metered_kwh"].to_numpy(), color=METERED, lw=1.6, label="metered, mean")
    panel.plot(
        hours,
        rows["expected_kwh"].to_numpy(),
        color=EXPECTED,
        lw=1.6,
        ls=(0, (4, 2)),
        label="baseline, mean",
    )
    panel.set_xlim(0, 24)
    panel.set_xticks(range(0, 25, 3))
    panel.set_xlabel("local hour")
    panel.grid(axis="y")


def heatmap_chart(table: pa.Table, *, name: str, alt: str) -> str:
    """Energy by hour of the day and local day; what was not received stays grey.

    `table` has local_date, local_hour and hour_usage_kwh.
    """
    first, values = _day_hour_grid(table)
    with styled():
        drawing = Drawing(figsize=(WIDTH, 2.5), layout="constrained")
        axes = drawing.subplots()
        axes.set_facecolor(NO_DATA)
        image = axes.imshow(
            np.ma.masked_invalid(values),
            aspect="auto",
            origin="lower",
            cmap="cividis",
            interpolation="nearest",
            extent=(*_day_extent(first, values.shape[1]), 0, 24),
            vmin=float(min(np.nanmin(values), 0)),
        )
        _date_axis(axes)
        axes.set_yticks(range(0, 25, 6))
        axes.set_ylabel("local hour")
        drawing.colorbar(image, ax=axes, pad=0.01, aspect=18).set_label("kWh per hour")
        return inline_svg(drawing, name=name, alt=alt)


def cusum_chart(
    table: pa.Table, *, measures: Sequence[tuple[date, str]], name: str, alt: str
) -> str:
    """Running sum of metered less baseline; rising is waste, falling is saving.

    `table` has local_date and cusum_kwh; `measures` are marked on the day they were in place.
    """
    days = date2num(table["local_date"].to_pylist())
    sums = table["cusum_kwh"].to_numpy()
    with styled():
        drawing = Drawing(figsize=(WIDTH, 2.6), layout="constrained")
        axes = drawing.subplots()
        axes.axhline(0, color="#8a94a0", lw=0.8)
        axes.fill_between(days, 0, sums, where=sums >= 0, color=EXPECTED, alpha=0.18, lw=0)
        axes.fill_between(days, 0, sums, where=sums <= 0, color=METERED, alpha=0.18, lw=0)
        axes.plot(days, sums, color="#1d2730", lw=1.3)
        for implemented_on, label in measures:
            position = float(date2num(implemented_on))
            axes.axvline(position, color=METERED, lw=1, ls=(0, (2, 2)))
            axes.annotate(
                f" {label}",
                (position, 1),
                xycoords=("data", "axes fraction"),
                va="top",
                fontsize=7.5,
                color=METERED,
            )
        _date_axis(axes)
        axes.set_ylabel("kWh since the first judged day")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}".replace(",", "\u202f"))
        axes.grid(axis="y")
        return inline_svg(drawing, name=name, alt=alt)


def calendar_chart(table: pa.Table, *, name: str, alt: str) -> str:
    """Completeness of every meter and day, one row a meter in the order of `table`.

    `table` has site_id, meter_id, local_date and completeness_ratio; at most
    `MAX_CALENDAR_METERS` meters are drawn, the caller chooses which.
    """
    labels, first, values = _meter_day_grid(table)
    with styled():
        drawing = Drawing(figsize=(WIDTH, 0.75 + 0.17 * len(labels)), layout="constrained")
        axes = drawing.subplots()
        colours = ListedColormap(_COVERAGE_COLOURS).with_extremes(bad="white")
        axes.imshow(
            np.ma.masked_invalid(values),
            aspect="auto",
            interpolation="nearest",
            cmap=colours,
            norm=BoundaryNorm(_COVERAGE_STEPS, colours.N),
            extent=(*_day_extent(first, values.shape[1]), len(labels) - 0.5, -0.5),
        )
        axes.set_yticks(range(len(labels)), labels, fontsize=7)
        axes.set_yticks(np.arange(len(labels) + 1) - 0.5, minor=True)
        axes.grid(which="minor", axis="y", color="white", lw=1.2)
        axes.tick_params(which="both", left=False)
        axes.spines[:].set_visible(False)
        _date_axis(axes)
        drawing.legend(
            handles=[
                Patch(color=colour, label=label)
                for colour, label in zip(_COVERAGE_COLOURS, _COVERAGE_NAMES, strict=True)
            ],
            loc="outside upper left",
            ncols=5,
            fontsize=7.5,
            handlelength=1,
            borderaxespad=0,
        )
        return inline_svg(drawing, name=name, alt=alt)


def _date_axis(axes: Axes) -> None:
    locator = AutoDateLocator(minticks=4, maxticks=10)
    axes.xaxis_date()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def _day_extent(first: date, count: int) -> tuple[float, float]:
    start = float(date2num(first))
    return start, start + count


def _day_hour_grid(table: pa.Table) -> tuple[date, FloatArray]:
    days = table["local_date"].cast(pa.int32()).to_numpy()
    first, count = int(days.min()), int(days.max() - days.min()) + 1
    values = np.full((24, count), np.nan)
    values[table["local_hour"].to_numpy(), days - first] = table["hour_usage_kwh"].to_numpy()
    return date(1970, 1, 1) + timedelta(days=first), values


def _meter_day_grid(table: pa.Table) -> tuple[list[str], date, FloatArray]:
    names = pa.compute.binary_join_element_wise(table["site_id"], table["meter_id"], " / ")
    encoded = names.combine_chunks().dictionary_encode()
    days = table["local_date"].cast(pa.int32()).to_numpy()
    first, count = int(days.min()), int(days.max() - days.min()) + 1
    values = np.full((len(encoded.dictionary), count), np.nan)
    values[encoded.indices.to_numpy(), days - first] = table["completeness_ratio"].to_numpy()
    return encoded.dictionary.to_pylist(), date(1970, 1, 1) + timedelta(days=first), values
