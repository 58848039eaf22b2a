"""What a run ends with: the programme's counts, then scorecard and headline of the readings."""

from cei_assets.cli.console import console
from cei_assets.settings import Settings
from cei_assets.storage.csi_build import csi_in_use, readings_in_use


def print_results(settings: Settings) -> None:
    """Print what the installation takes part in, the headline of the readings last."""
    paths = settings.paths
    if csi_in_use(paths):
        from cei_assets.cli.report_csi import print_csi_report
        from cei_assets.storage.csi_reports import main_pages

        console.print("\n[bold]CSI-Thermal[/bold]")
        print_csi_report(settings, main_pages(paths))
    if readings_in_use(paths):
        from cei_assets.cli.scorecard import print_scorecard

        console.print()
        print_scorecard(settings)
