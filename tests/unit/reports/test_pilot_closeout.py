"""The close-out report on a published file: self-contained, traceable, honest about what lacks."""

import re
from dataclasses import replace
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from cei_assets.settings import Settings
from cei_assets.storage.published import open_published, publish
from cei_assets.storage.report_tables import write_closeout
from tests.example_pilot import ExamplePilot, write_warehouse

# matplotlib uses what NumPy and its own next version have deprecated.
pytestmark = pytest.mark.filterwarnings("default")
AS_OF = datetime(2026, 3, 9, 6)  # noqa: DTZ001 - the platform's clock is naive UTC


def written(folder: Path, pilot: ExamplePilot | None = None, change: str = "") -> str:
    settings = Settings(data_dir=folder)
    write_warehouse(settings.paths.warehouse, pilot or ExamplePilot())
    if change:
        with duckdb.connect(str(settings.paths.warehouse)) as connection:
            connection.execute(change)
    publish(settings)
    return write_closeout(settings, as_of=AS_OF).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return written(folder)


class _Page(HTMLParser):
    """Collects what a browser would fetch and how the tags nest."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open_tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        for name in ("src", "srcset", "data", "poster"):
            self.fetched.append(values.get(name) or "")
        if tag in ("link", "script", "iframe", "object"):
            self.fetched.append(values.get("href") or tag)
        if tag in ("table", "figure", "section", "details"):
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("table", "figure", "section", "details"):
            assert self.open_tags.pop() == tag


def test_report_needs_nothing_from_outside(html: str) -> None:
    page = _Page()
    page.feed(html)
    assert page.open_tags == []
    assert [item for item in page.fetched if item and not item.startswith("data:")] == []
    assert not re.search(r"url\((?!#|data:)|@import", html)


def test_headline_is_an_interval_of_share_and_money(html: str) -> None:
    hero = re.search(r'<section class="hero".*?</section>', html, re.S)
    assert hero is not None
    text = re.sub(r"<[^>]+>", " ", hero.group())
    assert re.search(r"3\.1\D{1,3}5\.6\D{0,2}%", text)
    assert "EUR" in text
    assert "no claim yet" not in text


def test_insufficient_baselines_make_the_headline_an_indication(tmp_path: Path) -> None:
    html = written(tmp_path, change="update marts.rpt_annual_avoidable set sufficient_share = 0.25")
    assert "An indication, no claim yet" in html


def test_every_printed_query_runs_on_the_published_marts(folder: Path, html: str) -> None:
    queries = re.findall(r'<code class="sql[^"]*">(.*?)</code>', html, re.S)
    assert len(queries) > 15
    with open_published(Settings(data_dir=folder).paths) as connection:
        for query in queries:
            connection.execute(unescape(query)).fetchall()


def test_every_figure_has_a_query(html: str) -> None:
    figures = re.findall(r"<figure\b.*?</figure>", html, re.S)
    assert figures
    assert all('<code class="sql' in figure for figure in figures)


def test_scorecard_values_are_those_their_queries_give(folder: Path, html: str) -> None:
    with open_published(Settings(data_dir=folder).paths) as connection:
        rows = connection.execute(
            "select query, metric_value, metric_value_high from rpt_pilot_scorecard"
        ).fetchall()
        assert rows
        for query, low, high in rows:
            assert unescape(query) in unescape(html)
            found = connection.execute(query).fetchall()[0]
            assert [None if v is None else pytest.approx(float(v)) for v in (low, high)] == [
                None if v is None else float(v) for v in (*found, None)[:2]
            ]


def test_names_are_escaped(tmp_path: Path) -> None:
    html = written(tmp_path, change="update marts.dim_sites set site_name = '<b>Mill & Co</b>'")
    assert "<b>Mill" not in html
    assert "&lt;b&gt;Mill &amp; Co&lt;/b&gt;" in html


def test_without_a_tariff_there_is_no_money(tmp_path: Path) -> None:
    html = written(tmp_path, replace(ExamplePilot(), has_tariff=False))
    assert "No tariff" in html
    assert not re.search(r"\d EUR", html)


def test_without_episodes_it_says_so(tmp_path: Path) -> None:
    html = written(tmp_path, replace(ExamplePilot(), has_episodes=False))
    assert "No episode of waste was found" in html


def test_many_episodes_are_cut_and_counted(tmp_path: Path) -> None:
    html = written(
        tmp_path,
        change="insert into marts.fct_anomaly_episodes select * exclude (i) replace "
        "(episode_id || i as episode_id) from marts.fct_anomaly_episodes, range(60) as copies(i)",
    )
    section = re.search(r'<section id="episodes">.*?</section>', html, re.S)
    assert section is not None
    table = section.group().split('data-figure="episodes"')[1]
    assert table.count("<tr>") == 26
    assert re.search(r"\d+ more rows are not shown", table)
