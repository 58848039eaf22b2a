"""Reading back: the export of a year in constant memory, and how long the other questions take.

Run `python benchmarks/reading_back.py [METERS] [YEARS]` from the repository; 100 meters for one
year are 876,000 rows, and ten years stop short of the 3,650 days that intake takes. A published
file of hourly readings is made, then each question is asked in a process of its own. `export`
prints its resident memory before the first query and the most of it after any piece; `reimport`
judges the export as a CSV drop and compares every value with what is published; `questions` are
asked ten times; `waiting` asks while 180 sealed files of 200 records (an hour of journals) and a
journal of 20,000 records wait: the first time, again, and again after 1,000 records more.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import orjson

from cei_assets.contracts.render.sql import create_table
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.core.intake.files import judge_file
from cei_assets.core.intake.verdict import Limits, ReceiptFacts
from cei_assets.core.readings.export import export_csv
from cei_assets.core.readings.ingest_metrics import ingest_metrics
from cei_assets.core.readings.meters import Meter, meters_of
from cei_assets.core.readings.series import daily_series, hourly_series
from cei_assets.core.readings.summary import summarise
from cei_assets.core.readings.windows import Span
from cei_assets.settings import Settings
from cei_assets.storage.duckdb_session import connect
from cei_assets.storage.published import open_published, publish
from cei_assets.storage.reading_back.session import ReadingBack
from cei_assets.storage.register import RegisterResult, load_register

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
AS_OF = NOW.replace(tzinfo=None)
RECORDS = 200
SEALED = 180


def write_register(settings: Settings, meters: int) -> None:
    """Ten meters a site, the first of them the incomer."""
    folder = settings.paths.register
    folder.mkdir(parents=True)
    sites = [f"site_{number:03d}" for number in range((meters + 9) // 10)]
    (folder / "organizations.csv").write_text("organization_id,organization_name\nacme,Acme\n")
    (folder / "sites.csv").write_text(
        "site_id,organization_id,site_name,timezone,country\n"
        + "".join(f"{site},acme,{site},Europe/Rome,IT\n" for site in sites)
    )
    rows = [
        f"{sites[number // 10]},m{number:04d},Meter,"
        + ("main_incomer," if number % 10 == 0 else f"submeter,m{number // 10 * 10:04d}")
        + ",3600,start,2016-01-01,\n"
        for number in range(meters)
    ]
    (folder / "meters.csv").write_text(
        "site_id,meter_id,description,role,parent_meter_id,interval_seconds,interval_label,"
        "expected_from,expected_to\n" + "".join(rows)
    )


def write_published(settings: Settings, meters: int, years: int) -> None:
    """Hourly readings up to the last complete hour, received on the day, one in a hundred twice."""
    warehouse = settings.paths.warehouse
    warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA marts; USE marts")
        for table in MART_TABLES:
            connection.execute(create_table(table, schema="marts"))
        connection.execute(f"""
            INSERT INTO fct_interval_readings BY NAME
            SELECT format('site_{{:03d}}', meter // 10) AS site_id,
                format('m{{:04d}}', meter) AS meter_id, start AS interval_start_utc,
                3600 AS interval_seconds, start AS interval_start_local, start::DATE AS local_date,
                date_trunc('month', start)::DATE AS usage_month,
                (hash(meter * 100000 + hour) % 1000000000)::DECIMAL(18,9) / 1000000 AS usage_kwh,
                'raw' AS reading_quality, 'forward' AS flow_direction, 'cei_api' AS upload_source,
                strftime(start, '%Y%m%d') || repeat('0', 24) AS receipt_id,
                meter * 24 + hour % 24 AS line_number,
                start + INTERVAL 65 MINUTE AS received_at_utc,
                false AS is_late, 1 + (hour % 100 = 0)::INTEGER AS version_count
            FROM range({meters}) AS m(meter), range({min(years * 8760, 3649 * 24)}) AS h(hour),
                LATERAL (SELECT TIMESTAMP '2026-11-21 11:00' - to_hours(hour) AS start)
            ORDER BY interval_start_utc, site_id, meter_id;
            INSERT INTO fct_revisions BY NAME
            SELECT site_id, meter_id, interval_start_utc, 1 AS revision_number, usage_kwh,
                usage_kwh + 1 AS previous_usage_kwh, received_at_utc,
                received_at_utc - INTERVAL 1 MINUTE AS previous_received_at_utc, receipt_id,
                receipt_id AS previous_receipt_id
            FROM fct_interval_readings WHERE version_count > 1;
            INSERT INTO fct_uploads BY NAME
            SELECT receipt_id, 'cei_api' AS upload_source, receipt_id AS original_filename,
                receipt_id AS sha256, 1 AS size_bytes, min(received_at_utc) AS received_at_utc,
                min(received_at_utc)::DATE AS received_date, 'accepted' AS status,
                count(*) AS rows_read, count(*) AS rows_accepted, 0 AS rows_rejected,
                0 AS rows_exact_duplicate, 'j' AS judgement_id
            FROM fct_interval_readings GROUP BY receipt_id;
        """)
    publish(settings)
    warehouse.unlink()


class Bench:
    """Questions to one data folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.register: RegisterResult = load_register(settings.paths, years=range(2026, 2027))
        self.meters: tuple[Meter, ...] = meters_of(self.register.tables, organization_id="acme")
        self.back = ReadingBack(paths=settings.paths, limits=Limits(), session=settings.session)

    @contextmanager
    def opened(
        self, journals: Sequence[tuple[Path, int]] = ()
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on everything accepted."""
        with self.back.opened(
            register=self.register, journals=journals, now=NOW, settle_seconds=2
        ) as connection:
            yield connection

    def export(self, target: Path) -> None:
        """All readings of all meters."""
        started, size = time.perf_counter(), 0
        before = most = resident_mib()
        span = Span(start_utc=AS_OF - timedelta(days=3650), end_utc=AS_OF)
        with self.opened() as connection, target.open("wb") as file:
            for piece in export_csv(
                connection, meters=self.meters, as_of=AS_OF, windows=[span] * len(self.meters)
            ):
                size += file.write(piece)
                most = max(most, resident_mib())
        seconds = time.perf_counter() - started
        with target.open("rb") as file:
            rows = sum(1 for _ in file) - 1
        print(
            f"export: {rows} rows, {size / 1e6:.1f} MB in {seconds:.2f} s, "
            f"{rows / seconds:,.0f} rows/s; resident memory {before:.0f} MiB before, at most "
            f"{most:.0f} MiB"
        )

    def reimport(self, target: Path) -> None:
        """The export judged as a CSV drop against what is published."""
        started = time.perf_counter()
        session = connect(None, read_only=False, settings=self.settings.session)
        with session as judging, target.open("rb") as stream:
            verdict = judge_file(
                stream=stream,
                sidecar=None,
                connection=judging,
                register=self.register.tables,
                receipt=ReceiptFacts(
                    receipt_id="0" * 32,
                    upload_source="csv_drop",
                    received_at_utc=AS_OF,
                    received_date=AS_OF.date(),
                ),
                limits=Limits(),
            )
        if verdict.readings is None:
            raise SystemExit(f"the export was refused: {verdict.detail}")
        with open_published(self.settings.paths) as published:
            published.register("again", verdict.readings.table())
            differ = published.execute("""
                SELECT count(*) FROM again FULL JOIN fct_interval_readings AS held
                USING (site_id, meter_id, interval_start_utc)
                WHERE again.usage_kwh IS DISTINCT FROM held.usage_kwh
            """).fetchone()
        print(
            f"reimport: {verdict.rows_accepted} accepted, {verdict.rows_rejected} rejected, "
            f"{differ and differ[0]} differ from what is published; "
            f"{time.perf_counter() - started:.2f} s"
        )

    def questions(self, _: Path) -> None:
        """Each question as a request asks it: connection and answer, best and worst of ten."""
        main = self.meters[0]
        asked: dict[str, Callable[[duckdb.DuckDBPyConnection], object]] = {
            "summary of 24 h": lambda c: summarise(c, meter=main, as_of=AS_OF, window_hours=24),
            "series of 168 h": lambda c: hourly_series(c, meter=main, as_of=AS_OF, hours=168),
            "series of 366 days": lambda c: daily_series(c, meter=main, as_of=AS_OF, days=366),
            "metrics of 168 h": self._metrics,
        }
        for name, ask in asked.items():
            seconds = [self._timed(ask) for _ in range(10)]
            print(f"{name}: {min(seconds) * 1e3:.0f} to {max(seconds) * 1e3:.0f} ms")

    def waiting(self, _: Path) -> None:
        """Summary and metrics while files wait."""
        landing = self.settings.paths.landing("cei_api")
        landing.mkdir(parents=True, exist_ok=True)
        for number in range(SEALED):
            (landing / f"{number}.jsonl").write_bytes(lines(self.meters, RECORDS, number))
        journal = self.settings.paths.root / "open.jsonl"
        committed = journal.write_bytes(lines(self.meters, 20_000, SEALED))
        self._ask_waiting("first time", [(journal, committed)])
        self._ask_waiting("again", [(journal, committed)])
        with journal.open("ab") as file:
            committed += file.write(lines(self.meters, 1000, SEALED + 1))
        self._ask_waiting("after 1,000 records more", [(journal, committed)])

    def _ask_waiting(self, name: str, journals: Sequence[tuple[Path, int]]) -> None:
        asked: dict[str, Callable[[duckdb.DuckDBPyConnection], object]] = {
            "summary": lambda c: summarise(c, meter=self.meters[0], as_of=AS_OF, window_hours=24),
            "metrics": self._metrics,
        }
        times = [f"{key} {self._timed(ask, journals) * 1e3:.0f} ms" for key, ask in asked.items()]
        print(f"with waiting files, {name}: {', '.join(times)}")

    def _metrics(self, connection: duckdb.DuckDBPyConnection) -> object:
        return ingest_metrics(
            connection,
            organization_id="acme",
            meters=self.meters,
            as_of=AS_OF,
            window_hours=168,
            is_only_organization=True,
        )

    def _timed(
        self,
        ask: Callable[[duckdb.DuckDBPyConnection], object],
        journals: Sequence[tuple[Path, int]] = (),
    ) -> float:
        started = time.perf_counter()
        with self.opened(journals) as connection:
            ask(connection)
        return time.perf_counter() - started


def lines(meters: Sequence[Meter], records: int, number: int) -> bytes:
    """Batches of at most 200 records, one line each."""
    written = []
    for first in range(0, records, RECORDS):
        batch = [
            {
                "site_id": meters[(first + index) % len(meters)].site_id,
                "meter_id": meters[(first + index) % len(meters)].meter_id,
                "timestamp_utc": hour_ago(2 + (first + index) // len(meters)),
                "value": float(number) + 0.5,
                "unit": "kWh",
            }
            for index in range(RECORDS)
        ]
        received = f"{AS_OF - timedelta(seconds=1000 - number):%Y-%m-%dT%H:%M:%SZ}"
        receipt = {"organization_id": "acme", "received_at_utc": received}
        written.append(orjson.dumps({"receipt": receipt, "body": {"records": batch}}) + b"\n")
    return b"".join(written)


def hour_ago(hours: int) -> str:
    """The full hour that many hours before the last."""
    return f"{AS_OF - timedelta(hours=hours):%Y-%m-%dT%H:00:00Z}"


def resident_mib() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Makes the data and asks each question in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("meters", type=int, nargs="?", default=100)
    parser.add_argument("years", type=int, nargs="?", default=1)
    parser.add_argument("--ask", choices=("export", "reimport", "questions", "waiting"))
    options = parser.parse_args()
    if options.ask:
        bench = Bench(Settings())
        getattr(bench, options.ask)(bench.settings.paths.root / "export.csv")
        return
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data")
        write_register(settings, options.meters)
        write_published(settings, options.meters, options.years)
        size = settings.paths.published.stat().st_size
        print(f"published: {options.meters} meters, {options.years} years, {size / 1e6:.1f} MB")
        for ask in ("export", "reimport", "questions", "waiting"):
            subprocess.run(
                [sys.executable, __file__, "--ask", ask],
                check=True,
                env=os.environ | {"CEI_DATA_DIR": str(settings.paths.root)},
            )


if __name__ == "__main__":
    main()
