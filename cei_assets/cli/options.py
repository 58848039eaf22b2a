"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Data folder; default: $CEI_DATA_DIR or ./data."),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        help="Clock of the run, e.g. 2026-01-15T00:00:00Z, for reproducible results.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
