"""Commands that only read: check, reconcile, sql, report."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from cei_assets.cli.console import console, readable_errors, use_installation
from cei_assets.cli.options import AsJson, AsOf, DataDir
from cei_assets.settings import Settings

Files = Annotated[list[Path], typer.Argument(help="Files to judge.", exists=True, dir_okay=False)]


def check_csv(
    files: Files, *, data_dir: DataDir = None, as_of: AsOf = None, as_json: AsJson = False
) -> None:
    """Judge CSV drops against the register without storing anything; exit 1 when any fails.

    Example: [bold]cei check csv march.csv april.csv --json[/bold]
    """
    from cei_assets.cli.check_csv import print_verdict
    from cei_assets.storage.file_check import judge_file

    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        settings = Settings()
        failed = False
        for file in files:
            verdict = judge_file(file, settings=settings)
            failed = failed or not verdict.passed
            if as_json:
                sys.stdout.write(orjson.dumps(verdict.as_json()).decode() + "\n")
            else:
                print_verdict(verdict)
        raise typer.Exit(code=1 if failed else 0)


def check_csi(
    files: Files,
    *,
    register: Annotated[
        Path | None,
        typer.Option(
            help="Folder with csi_applications.csv and csi_pdps.csv; default: the data folder's.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Judge CSI-Thermal reports by form and content; exit 0 all pass, 1 any fails, 2 no verdict.

    The fields of the upload form are read from FILE.form.json beside each file. Nothing is stored.
    A late report may pass; whether its month has a Success already is not looked at.

    Example: [bold]cei check csi SCG-00987_2013-09.csv --register register/ --json[/bold]
    """
    from cei_assets.cli.check_csi import (
        print_csi_totals,
        print_csi_verdict,
        print_unreadable,
        programme,
    )
    from cei_assets.storage.csi_check import judge_csi_file

    with readable_errors(exit_code=2):
        use_installation(data_dir, as_of=as_of)
        settings = Settings()
        options = settings.csi_options
        judging_by = programme(register or settings.paths.register, options=options)
        received_at = settings.now()
        passed = late = unread = 0
        for file in files:
            try:
                verdict = judge_csi_file(
                    file, register=judging_by, options=options, received_at_utc=received_at
                )
            except OSError as error:
                print_unreadable(file, error)
                unread += 1
                continue
            passed += verdict.passed
            late += verdict.verdict.is_late
            if as_json:
                sys.stdout.write(orjson.dumps(verdict.as_json()).decode() + "\n")
            else:
                print_csi_verdict(verdict, zone=options.deadline_zone)
        if not as_json:
            print_csi_totals(len(files), passed=passed, late=late, unread=unread)
        raise typer.Exit(code=2 if unread else int(passed < len(files)))


def check_cds(
    files: Files,
    *,
    rows: Annotated[
        Path | None,
        typer.Option(help="Parquet file of the normalised rows to write.", dir_okay=False),
    ] = None,
    data_dir: DataDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Judge CDS customer data in any dialect; exit 0 all in, 1 anything refused, 2 no verdict.

    A malformed segment or reference object is refused with the JSON pointer to what is wrong, the
    rest of its file goes in. Nothing is stored.

    Example: [bold]cei check cds usage_segments.json --rows intervals.parquet[/bold]
    """
    from cei_assets.cli.check_cds import print_cds_verdict, refuse_rows_over_input
    from cei_assets.storage.cds_check import judge_cds_file, write_rows

    with readable_errors(exit_code=2):
        use_installation(data_dir, as_of=as_of)
        refuse_rows_over_input(rows, files=files)
        observed_at = Settings().now()
        tables = []
        failed = False
        for file in files:
            judged = judge_cds_file(file, observed_at_utc=observed_at)
            failed = failed or not judged.passed
            if rows is not None:
                tables.append(judged.verdict.tables.intervals)
            if as_json:
                sys.stdout.write(orjson.dumps(judged.as_json()).decode() + "\n")
            else:
                print_cds_verdict(judged)
        if rows is not None:
            write_rows(rows, tables)
        raise typer.Exit(code=1 if failed else 0)


def reconcile(
    file: Annotated[Path, typer.Argument(help="Export to compare.", exists=True, dir_okay=False)],
    *,
    data_dir: DataDir = None,
    as_of: AsOf = None,
    timezone: Annotated[
        str | None,
        typer.Option(help="Zone of times without offset, such as Europe/Rome; or a sidecar."),
    ] = None,
    tolerance: Annotated[
        str, typer.Option(help="kWh that a value may be off and still be equal, such as 0.01.")
    ] = "0",
    out: Annotated[
        Path | None, typer.Option(help="CSV of the differences to write.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare a client's own export with what is stored; exit 0 equal, 1 not, 2 no verdict.

    Per meter: intervals missing (in the file only), extra (stored only, between the meter's first
    and last row in the file), different, and stretches that match when moved in time. JSON has one
    line a meter and a last one for the file.

    Example: [bold]cei reconcile scada_march.csv --timezone Europe/Rome --out differences.csv[/bold]
    """
    from cei_assets.cli.reconcile import (
        kwh_option,
        reconcile_file,
        refuse_overwriting,
        write_differences,
        zone_option,
    )
    from cei_assets.cli.reconcile_words import json_lines, print_reconciliation

    with readable_errors(exit_code=2):
        use_installation(data_dir, as_of=as_of)
        refuse_overwriting(out, file=file)
        reconciled = reconcile_file(
            file,
            settings=Settings(),
            timezone=zone_option(timezone, file=file),
            tolerance_kwh=kwh_option(tolerance),
        )
        if out is not None:
            write_differences(reconciled.result, out)
        if as_json:
            for line in json_lines(reconciled):
                sys.stdout.write(orjson.dumps(line).decode() + "\n")
        else:
            print_reconciliation(reconciled)
        raise typer.Exit(code=0 if reconciled.result.is_equal else 1)


def sql(
    query: Annotated[str, typer.Argument(help="SQL on the schema marts.")],
    *,
    data_dir: DataDir = None,
    limit: Annotated[int, typer.Option(help="Rows to print at most.")] = 100,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, all rows.")] = False,
) -> None:
    """Ask the published marts; works at any time, also while a run goes on.

    Example: [bold]cei sql "select * from rpt_pilot_scorecard"[/bold]
    """
    from cei_assets.cli.tables import print_csv, print_table
    from cei_assets.storage.published import open_published

    with readable_errors():
        use_installation(data_dir)
        with open_published(Settings().paths) as connection:
            result = connection.sql(query)
            if result is None:
                return
            if as_csv:
                print_csv(result)
            else:
                print_table(result, limit=limit)


def report_closeout(*, data_dir: DataDir = None, as_of: AsOf = None) -> None:
    """Write the pilot close-out report from the published marts.

    Example: [bold]cei report closeout[/bold]
    """
    from cei_assets.storage.report_tables import write_closeout

    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        settings = Settings()
        console.print(f"report: {write_closeout(settings, as_of=settings.now())}")


def report_csi(*, data_dir: DataDir = None, as_of: AsOf = None) -> None:
    """Write Performance Data List and payment report of the CSI-Thermal programme.

    Example: [bold]cei report csi[/bold]
    """
    from cei_assets.cli.report_csi import print_csi_report
    from cei_assets.storage.csi_reports import write_csi_reports

    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        settings = Settings()
        print_csi_report(settings, write_csi_reports(settings, as_of=settings.now()))


def report_quality(*, data_dir: DataDir = None, as_of: AsOf = None) -> None:
    """Validate the published marts with Great Expectations; exit 1 when an expectation fails.

    Example: [bold]cei report quality[/bold]
    """
    from cei_assets.checks.gx_runner import run_quality

    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        settings = Settings()
        outcome = run_quality(settings, validated_at=settings.now())
        console.print(
            f"{outcome.expectations} expectations, {outcome.failed} failed; "
            f"data docs: {outcome.data_docs}"
        )
        raise typer.Exit(code=1 if outcome.failed else 0)
