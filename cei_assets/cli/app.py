"""The `cei` command: what it offers."""

import os
from typing import Annotated

import typer

from cei_assets.cli import backtest, pulling, reading, running, serving
from cei_assets.cli.console import debugging

app = typer.Typer(
    name="cei",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
check_app = typer.Typer(help="Verdicts on files, without storing anything.", no_args_is_help=True)
report_app = typer.Typer(help="Reports for people.", no_args_is_help=True)
adapt_app = typer.Typer(help="Turn public data sets into ordinary drops.", no_args_is_help=True)
token_app = typer.Typer(help="Tokens of those who use the gateway.", no_args_is_help=True)
pull_app = typer.Typer(help="Take data from servers of others.", no_args_is_help=True)
backfill_app = typer.Typer(help="Run a range of partitions again.", no_args_is_help=True)


@app.callback()
def options(
    *, debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False
) -> None:
    """From a factory's meter readings to an auditable savings claim."""
    debugging(on=debug)


app.command("demo")(running.demo)
app.command("init")(running.init)
app.command("run")(running.run)
app.command("ui")(running.ui)
app.command("serve")(serving.serve)
app.command("sql")(reading.sql)
app.command("reconcile")(reading.reconcile)
app.command("backtest")(backtest.backtest)
app.add_typer(check_app, name="check")
app.add_typer(report_app, name="report")
app.add_typer(token_app, name="token")
app.add_typer(backfill_app, name="backfill")
app.add_typer(adapt_app, name="adapt")
app.add_typer(pull_app, name="pull")
check_app.command("csv")(reading.check_csv)
check_app.command("csi")(reading.check_csi)
check_app.command("cds")(reading.check_cds)
report_app.command("closeout")(reading.report_closeout)
report_app.command("csi")(reading.report_csi)
report_app.command("quality")(reading.report_quality)
backfill_app.command("days")(running.backfill_days)
backfill_app.command("months")(running.backfill_months)
token_app.command("create")(serving.token_create)
token_app.command("list")(serving.token_list)
token_app.command("revoke")(serving.token_revoke)
token_app.command("rotate")(serving.token_rotate)
pull_app.command("cds")(pulling.pull_cds)
adapt_app.command("steel")(running.adapt_steel)
adapt_app.command("fox")(running.adapt_fox)


def main() -> None:
    """Entry point of the console script."""
    # Before NumPy is loaded: the matrices are small, and threads would wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app()
