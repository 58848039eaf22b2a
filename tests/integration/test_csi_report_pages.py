"""The CSI-Thermal pages on a published file: whole, safe, traceable, usable without a script."""

import csv
import io
import re
from datetime import date
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from cei_assets.checks.gx_runner import run_quality
from cei_assets.cli.app import app
from cei_assets.settings import Settings
from cei_assets.storage.csi_report_queries import DETAILED
from cei_assets.storage.csi_reports import write_csi_reports
from cei_assets.storage.published import open_published, publish
from tests.csi_marts import (
    MONTH,
    Marts,
    application,
    at,
    calendar_month,
    failure,
    fill_marts,
    finding,
    month_quantity,
    payment,
    upload,
    write_marts,
)
from tests.example_pilot import write_warehouse

AS_OF = at("2014-03-01T06:00:00")
OCTOBER, NOVEMBER, DECEMBER = date(2013, 10, 1), date(2013, 11, 1), date(2013, 12, 1)
HOSTILE_NAME = '=HYPERLINK("http://x")<script>alert(1)</script>.csv'
HOSTILE_ID = "../../etc/<b>x</b>"
SECOND_RUN = {
    "run_quarter": "2013-Q4",
    "run_cutoff_utc": at("2014-02-02T08:00:00"),
    "sealed_at_utc": None,
}


def example() -> Marts:
    return {
        "dim_csi_applications": [
            application(),
            application("PGE-00001", incentive_cap=None),
            application("SDG-00004", baseline_efficiency=None),
        ],
        "rpt_csi_performance_data": [
            failure("r0", form_filename=HOSTILE_NAME, submitted_at_utc=at("2013-10-05T03:04:05")),
            upload(
                "r1",
                attempt_number=2,
                is_effective=False,
                effective_to_utc=at("2014-01-03T00:00:00"),
                superseded_by_receipt_id="r2",
            ),
            upload(
                "r2",
                attempt_number=3,
                replaces_receipt_id="r1",
                authorization_id="A-001",
                csi_is_late=True,
                late_decision="pay",
                late_decided_at_utc=at("2014-01-02T00:00:00"),
                submitted_at_utc=at("2014-01-03T00:00:00"),
            ),
            upload("p1", application_id="PGE-00001", program_administrator="PGE"),
            failure(
                "u1",
                month=None,
                application_id=HOSTILE_ID,
                program_administrator=None,
                csi_is_late=None,
                attempt_number=None,
            ),
        ],
        "fct_csi_findings": [
            finding("r0"),
            finding("r0", 2, line_number=63, finding_value="<img src=x onerror=alert(2)>"),
            finding("u1", csi_rule="CSI-U05", application_id=HOSTILE_ID, application_month=None),
            finding("r2", csi_rule="CSI-L01", csi_severity="flag", message="CSI-L01 late"),
        ],
        "fct_csi_months": [
            month_quantity(receipt_id="r2"),
            month_quantity("PGE-00001", receipt_id="p1", displaced_quantity=Decimal(0)),
            month_quantity("PGE-00001", OCTOBER, receipt_id="p2"),
            month_quantity(
                "SDG-00004",
                payable_status="no efficiency in the register",
                baseline_efficiency=None,
                displaced_quantity=None,
                unpaired_intervals=40,
            ),
            month_quantity(month=OCTOBER, receipt_id="r3"),
        ],
        "fct_csi_payments": [
            payment(),
            payment(
                **SECOND_RUN,
                line_kind="adjustment",
                line_quantity=Decimal("16.5818"),
                uncapped_usd=Decimal("3384.86"),
                entitled_usd=Decimal("3384.86"),
                amount_usd=Decimal("120.55"),
            ),
            payment(
                **SECOND_RUN,
                paid_quarter="2013-Q4",
                months_included="2013-10",
                uncapped_usd=Decimal("900000.00"),
                entitled_usd=Decimal("496615.14"),
                amount_usd=Decimal("496615.14"),
            ),
        ],
        "rpt_csi_calendar": [
            calendar_month("SCG-00987", MONTH, "success late", receipt_id="r2", attempts=3),
            calendar_month("SCG-00987", OCTOBER, "success", receipt_id="r3"),
            calendar_month("SCG-00987", NOVEMBER, "overdue", attempts=1, failures=1),
            calendar_month("SCG-00987", DECEMBER, "open"),
            calendar_month("SCG-00987", date(2014, 1, 1), "not due"),
        ],
    }


def installation(folder: Path, marts: Marts) -> Settings:
    settings = Settings(data_dir=folder)
    write_marts(settings.paths.published, marts)
    return settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = installation(tmp_path_factory.mktemp("csi"), example())
    write_csi_reports(made, as_of=AS_OF)
    return made


def page(settings: Settings, name: str = "csi_performance_data.html") -> str:
    return (settings.paths.reports / name).read_text(encoding="utf-8")


def all_pages(settings: Settings) -> list[Path]:
    return sorted(settings.paths.reports.rglob("*.html"))


def text_of(html: str) -> str:
    words = unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u202f", "")
    return re.sub(r"\s+", " ", words)


def section(html: str, name: str) -> str:
    return text_of(html.partition(f'id="{name}"')[2].partition("</section>")[0])


class _Page(HTMLParser):
    """What a browser would fetch, which names and links there are, and how the tags nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.scripts = 0
        self.handlers: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open_tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.fetched += [values[name] or "" for name in ("src", "srcset", "data") if name in values]
        self.fetched += [tag] if tag in ("link", "iframe", "object", "img") else []
        self.scripts += tag == "script"
        self.handlers += [name for name in values if name.startswith("on")]
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if tag == "a" else []
        if tag in ("table", "figure", "section", "details", "dl"):
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("table", "figure", "section", "details", "dl"):
            assert self.open_tags.pop() == tag


def test_pages_need_nothing_from_outside(settings: Settings) -> None:
    for file in all_pages(settings):
        read = _Page(file.read_text(encoding="utf-8"))
        assert read.open_tags == []
        assert read.fetched == []
        assert not re.search(r"url\((?!#|data:)|@import", file.read_text(encoding="utf-8"))


def test_the_only_script_is_the_filter_of_the_list(settings: Settings) -> None:
    scripts = {
        file.name: _Page(file.read_text(encoding="utf-8")).scripts for file in all_pages(settings)
    }
    assert {name for name, count in scripts.items() if count} == {"csi_performance_data.html"}
    assert scripts["csi_performance_data.html"] == 1


def test_received_text_is_shown_and_never_becomes_markup(settings: Settings) -> None:
    for file in all_pages(settings):
        html = file.read_text(encoding="utf-8")
        read = _Page(html)
        assert read.handlers == []
        assert "<script>alert" not in html
        assert "<b>x" not in html
    assert HOSTILE_NAME in text_of(page(settings))


def test_the_list_has_a_line_for_every_upload_with_or_without_a_script(settings: Settings) -> None:
    html = page(settings)
    body = html.partition('<table id="uploads">')[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(<td.*?)</tr>", body, re.S)
    assert len(rows) == 5
    newest = re.findall(r"<td[^>]*>(.*?)</td>", rows[0], re.S)
    assert [text_of(cell).strip() for cell in newest[:9]] == [
        "SCG-00987", "SCG", "sunmetrics", "2013-09", "application interval", "report.csv",
        "2014-01-02 16:00:00", "Success", "Late",
    ]  # fmt: skip
    assert 'id="filter" hidden' in html
    assert all("hidden" not in row for row in rows)


def test_every_link_leads_somewhere(settings: Settings) -> None:
    for file in all_pages(settings):
        for link in _Page(file.read_text(encoding="utf-8")).links:
            path, _, name = unescape(link).partition("#")
            target = (file.parent / path).resolve() if path else file.resolve()
            if "archive" in target.parts:
                archive = settings.paths.root.resolve() / "archive"
                assert target.relative_to(archive).parts[0] == target.name[:2]
                continue
            assert target.is_file(), f"{file.name}: {link}"
            if name:
                assert name in _Page(target.read_text(encoding="utf-8")).ids, f"{file.name}: {link}"


def test_details_tell_rule_line_column_value_and_message(settings: Settings) -> None:
    html = page(settings, "csi/SCG-00987.html")
    failed = html.partition('<div id="u-r0">')[2].partition("</details>")[0]
    told = text_of(failed)
    assert "CSI-R08 62 E, Total BTUs delivered (1-Tank System) 1234.5 CSI-R08 line 62" in told
    assert "<img src=x onerror=alert(2)>" in told
    assert "Due, Pacific 2013-11-01 23:59:59" in told


def test_details_tell_attempts_and_history_of_a_replacement(settings: Settings) -> None:
    html = page(settings, "csi/SCG-00987.html")
    told = text_of(html.partition('<div id="u-r2">')[2].partition("</details>")[0])
    assert "Replaces r1" in told
    assert "Authorisation A-001" in told
    assert "Late decision pay, 2014-01-01 16:00:00 Pacific" in told
    assert "1 =HYPERLINK" in told
    assert "superseded" in told
    assert "in force" in told


def test_the_calendar_tells_every_status_in_words(settings: Settings) -> None:
    told = section(page(settings), "calendar")
    assert "SCG-00987 Late OK Due! Open \u2013" in told
    assert "success late" in section(page(settings, "csi/SCG-00987.html"), "calendar")


def test_every_printed_query_runs_as_it_stands(settings: Settings) -> None:
    with open_published(settings.paths) as connection:
        for file in all_pages(settings):
            queries = re.findall(
                r'<code class="sql">(.*?)</code>', file.read_text(encoding="utf-8"), re.S
            )
            assert queries
            for query in queries:
                connection.execute(unescape(query)).fetchall()


def test_the_query_on_an_applications_page_gives_its_rows(settings: Settings) -> None:
    queries = re.findall(
        r'<code class="sql">(.*?)</code>', page(settings, "csi/PGE-00001.html"), re.S
    )
    (uploads,) = (unescape(query) for query in queries if "rpt_csi_performance_data" in query)
    with open_published(settings.paths) as connection:
        found = connection.execute(uploads).to_arrow_table()
    assert found["receipt_id"].to_pylist() == ["p1"]


def test_an_unregistered_application_names_no_path(settings: Settings) -> None:
    names = {file.relative_to(settings.paths.reports).as_posix() for file in all_pages(settings)}
    assert names == {
        "csi_performance_data.html",
        "csi_payments.html",
        "csi/SCG-00987.html",
        "csi/PGE-00001.html",
        "csi/SDG-00004.html",
        "csi/unregistered.html",
    }
    assert HOSTILE_ID in text_of(page(settings, "csi/unregistered.html"))


def test_the_csv_is_safe_to_open_and_complete(settings: Settings) -> None:
    text = (settings.paths.reports / "csi_performance_data.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 5
    assert f"'{HOSTILE_NAME}" in {row["form_filename"] for row in rows}
    assert rows[0]["received_pacific"] == "2014-01-02 16:00:00"
    assert len(rows[0]["sha256"]) == 64


def test_the_payment_report_lists_runs_subtotals_and_cap_left(settings: Settings) -> None:
    told = section(page(settings, "csi_payments.html"), "runs")
    assert "2013-Q3 2013-11-02 00:00:00 2013-11-02 08:00:00 1 1 3264.31 0 0.00 3264.31" in told
    assert "adjustment of 2013-Q3" in told
    assert "payment for 2013-Q4 cap reached" in told
    assert "SCG-00987 subtotal of 2 lines 465.5925 therm 496735.69" in told
    assert "with this build" in told
    assert "900000.00 496615.14 496615.14 0.00" in told


def test_a_run_in_two_units_adds_up_dollars_and_no_quantities(tmp_path: Path) -> None:
    marts = example()
    taken_back = {
        "run_quarter": "2013-Q4",
        "line_kind": "adjustment",
        "months_included": None,
        "receipts_included": None,
        "entitled_quantity": Decimal(0),
        "line_quantity": Decimal("-449.0107"),
        "uncapped_usd": Decimal(0),
        "entitled_usd": Decimal(0),
        "amount_usd": Decimal("-3264.31"),
    }
    again = {
        "run_quarter": "2013-Q4",
        "line_kind": "adjustment",
        "entitled_quantity": Decimal("13159.1988"),
        "line_quantity": Decimal("13159.1988"),
        "quantity_unit": "kWh",
        "rate": Decimal("0.21"),
        "uncapped_usd": Decimal("2763.43"),
        "entitled_usd": Decimal("2763.43"),
        "amount_usd": Decimal("2763.43"),
    }
    lines = [payment(), payment(**taken_back), payment(**again)]
    settings = installation(tmp_path, {**marts, "fct_csi_payments": lines})
    write_csi_reports(settings, as_of=AS_OF)
    told = section(page(settings, "csi_payments.html"), "runs")
    assert "SCG-00987 subtotal of 2 lines -500.88" in told.replace("\N{MINUS SIGN}", "-")
    assert "SCG-00987 2013-09" not in section(page(settings, "csi_payments.html"), "unpaid")


def test_months_that_are_not_paid_are_listed_with_the_reason(settings: Settings) -> None:
    told = section(page(settings, "csi_payments.html"), "unpaid")
    assert "SDG-00004 2013-09 no efficiency in the register" in told
    assert "PGE-00001 2013-09 nothing displaced: heat empty or zero" in told
    assert "PGE-00001 2013-10 in no run yet: waits for the next one" in told
    assert "SCG-00987 2013-11 no accepted report: was due 2014-01-01 23:59 Pacific" in told
    assert "SCG-00987 2013-10 paid in part: its quarter reached the cap" in told
    assert "SCG-00987 2013-09" not in told
    assert "SDG-00004 2013-09 2880 40" in told


def test_the_payment_report_prints_what_it_rests_on(settings: Settings) -> None:
    told = section(page(settings, "csi_payments.html"), "assumptions")
    for text in ("0.82", "7.27", "3412.142", "100000", "half-up", "Pacific Standard", "2013-09"):
        assert text in told


def test_a_page_is_written_again_only_when_its_rows_changed(tmp_path: Path) -> None:
    marts = dict(example())
    settings = installation(tmp_path, marts)
    write_csi_reports(settings, as_of=AS_OF)
    folder = settings.paths.reports / "csi"
    before = {file.name: file.stat().st_ino for file in folder.iterdir()}
    marts["fct_csi_payments"] = [
        *marts["fct_csi_payments"],
        payment("PGE-00001", incentive_cap=None, receipts_included="p1"),
    ]
    write_marts(settings.paths.published, marts)
    files = write_csi_reports(settings, as_of=AS_OF)
    after = {file.name: file.stat().st_ino for file in folder.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"PGE-00001.html"}
    assert len([file for file in files if file.parent == folder]) == len(after)


def test_details_beyond_the_newest_stand_on_the_applications_page(tmp_path: Path) -> None:
    uploads = [
        upload(f"r{number:04d}", submitted_at_utc=at(f"2013-10-20T12:{number // 60:02d}:00"))
        for number in range(DETAILED + 5)
    ]
    settings = installation(
        tmp_path,
        {"dim_csi_applications": [application()], "rpt_csi_performance_data": uploads},
    )
    write_csi_reports(settings, as_of=AS_OF)
    main = page(settings)
    assert main.count('<details class="upload">') == DETAILED
    assert page(settings, "csi/SCG-00987.html").count('<details class="upload">') == DETAILED + 5
    assert 'href="csi/SCG-00987.html#u-r0000"' in main


def test_an_empty_programme_has_pages_that_say_so(tmp_path: Path) -> None:
    settings = installation(tmp_path, {})
    assert len(write_csi_reports(settings, as_of=AS_OF)) == 3
    assert "No upload has arrived yet" in text_of(page(settings))
    assert "Nothing was paid yet" in text_of(page(settings, "csi_payments.html"))


def test_the_command_writes_the_pages_and_prints_the_counts(settings: Settings) -> None:
    result = CliRunner().invoke(
        app,
        ["report", "csi", "--data-dir", str(settings.data_dir), "--as-of", "2014-03-01T06:00:00Z"],
    )
    assert result.exit_code == 0
    assert (settings.paths.reports / "csi_performance_data.html").exists()


@pytest.mark.filterwarnings("default")
def test_expectations_name_what_breaks_the_marts_and_nothing_else(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    broken = dict(example())
    broken["fct_csi_months"] = [month_quantity(interval_count=2879)]
    broken["fct_csi_payments"] = [payment(incentive_cap=Decimal("3264.30"))]
    broken["rpt_csi_performance_data"] = [
        upload("r1"),
        upload("r2", csi_result="Failure"),
    ]
    broken["rpt_csi_calendar"] = [calendar_month("SCG-00987", MONTH, "success", receipt_id=None)]
    write_warehouse(settings.paths.warehouse)
    with duckdb.connect(str(settings.paths.warehouse)) as connection:
        fill_marts(connection, broken)
    publish(settings)
    failures = "\n".join(run_quality(settings, validated_at=AS_OF).failures)
    assert "fct_csi_months.*: expect_column_pair_values_to_be_equal" in failures
    assert "fct_csi_payments.*: expect_column_pair_values_a_to_be_greater_than_b" in failures
    assert "rpt_csi_performance_data.*: expect_compound_columns_to_be_unique" in failures
    assert "rpt_csi_performance_data.csi_result: expect_column_values_to_be_in_set" in failures
    assert "rpt_csi_calendar.receipt_id: expect_column_values_to_not_be_null" in failures
    assert len(failures.splitlines()) == 5
