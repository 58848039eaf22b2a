"""Renders the close-out report of a pilot: one HTML page that opens offline and prints well."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.core.reports import charts
from cei_assets.core.reports.block import Block, table_block
from cei_assets.core.reports.captions import CAPTIONS
from cei_assets.core.reports.columns import COLUMNS
from cei_assets.core.reports.criteria import criteria_matrix, criteria_queries, decision
from cei_assets.core.reports.model import Figure, PilotReport, SiteSection
from cei_assets.core.reports.templating import environment
from cei_assets.core.reports.words import EMPTY, NOTES, TITLES

ROW_LIMITS = {"episodes": 25, "gaps": 12, "completeness": 60, "baselines": 60, "mapping": 120}
OPEN_SITES = 3


def render_pilot_report(report: PilotReport) -> str:
    """The page of one organization's pilot.

    Pure: the same tables and clock give the same text. It asks for nothing from outside and needs
    no script; every figure stands with the SQL that gave it.
    """
    figures = report.figures
    blocks = {key: _table_block(figure) for key, figure in figures.items() if key in COLUMNS}
    blocks["calendar"] = _calendar_block(figures["calendar"], figures["completeness"])
    return (
        environment()
        .get_template("pilot_closeout.html.j2")
        .render(
            report=report,
            blocks=blocks,
            scope=figures["scope"].rows[0],
            headline=figures["headline"].rows[0],
            costs=figures["headline_cost"].rows,
            fingerprint=figures["fingerprint"].rows[0],
            fingerprint_sql=figures["fingerprint"].sql,
            matrix=criteria_matrix(figures["criteria"].rows),
            criteria_sql=figures["criteria"].sql,
            criteria_queries=criteria_queries(figures["criteria"].rows),
            decision=decision(figures),
            has_temperature=_has_temperature(figures["baselines"]),
            sites=[
                (site, _site_blocks(site, position, figures["measures"]))
                for position, site in enumerate(report.sites)
            ],
            open_sites=OPEN_SITES,
        )
    )


def render_index(pages: Sequence[tuple[str, str]], *, title: str) -> str:
    """A page of links, (text, relative address) each, where there are several reports."""
    return environment().get_template("index.html.j2").render(pages=pages, title=title)


def _table_block(figure: Figure) -> Block:
    return table_block(
        figure,
        columns=COLUMNS[figure.key],
        title=TITLES[figure.key],
        note=NOTES.get(figure.key, ""),
        empty=EMPTY[figure.key],
        limit=ROW_LIMITS.get(figure.key),
    )


def _drawn_block(figure: Figure, drawing: str) -> Block:
    return Block(
        key=figure.key,
        title=TITLES[figure.key],
        note=NOTES.get(figure.key, ""),
        sql=figure.sql,
        empty=EMPTY[figure.key],
        drawing=drawing,
        caption="" if figure.is_empty else CAPTIONS[figure.key](figure.table),
    )


def _calendar_block(figure: Figure, completeness: Figure) -> Block:
    """The calendar of all meters, or of the least complete where there are very many."""
    if figure.is_empty:
        return _drawn_block(figure, "")
    names = pc.binary_join_element_wise(figure.table["site_id"], figure.table["meter_id"], "\x1f")
    least_complete = [
        f"{row['site_id']}\x1f{row['meter_id']}"
        for row in completeness.rows[: charts.MAX_CALENDAR_METERS]
    ]
    shown = figure.table.filter(pc.is_in(names, value_set=pa.array(least_complete, pa.string())))
    drawing = charts.calendar_chart(
        shown, name="calendar", alt=f"Completeness calendar. {CAPTIONS['calendar'](figure.table)}"
    )
    return _drawn_block(figure, drawing)


def _site_blocks(site: SiteSection, position: int, measures: Figure) -> list[Block]:
    marks: list[tuple[date, str]] = [
        (row["implemented_on"], row["description"])
        for row in measures.rows
        if row["site_id"] == site.site_id
    ]
    blocks = []
    for key in ("profile", "cusum", "heatmap"):
        figure = site.figures[key]
        drawing = ""
        if not figure.is_empty:
            name = f"site{position}-{key}"
            alt = f"{TITLES[key]}, {site.site_name}. {CAPTIONS[key](figure.table)}"
            drawing = _draw(figure, marks, name=name, alt=alt)
        blocks.append(_drawn_block(figure, drawing))
    return blocks


def _draw(figure: Figure, marks: Sequence[tuple[date, str]], *, name: str, alt: str) -> str:
    if figure.key == "profile":
        return charts.profile_chart(figure.table, name=name, alt=alt)
    if figure.key == "cusum":
        return charts.cusum_chart(figure.table, measures=marks, name=name, alt=alt)
    return charts.heatmap_chart(figure.table, name=name, alt=alt)


def _has_temperature(baselines: Figure) -> bool:
    highest = pc.max(baselines.table["temperature_coverage"]).as_py()
    return highest is not None and highest > 0
