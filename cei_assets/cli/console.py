"""How the command speaks: one console, one form of error."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import typer
from rich.console import Console
from rich.markup import escape

_PIPED_WIDTH = 120


def _console(stream: TextIO) -> Console:
    """A terminal keeps its width; a file or a pipe gets room for our tables."""
    width = None if stream.isatty() else _PIPED_WIDTH
    return Console(file=stream, highlight=False, soft_wrap=True, width=width)


# Bound to the stream now, so that it still speaks while a run sends standard output to its log.
console = _console(sys.stdout)
errors = _console(sys.stderr)


@dataclass
class _Mode:
    debug: bool = False


_MODE = _Mode()


def debugging(*, on: bool) -> None:
    """Whether errors show their traceback."""
    _MODE.debug = on


class ProgressPrinter(logging.Handler):
    """Prints what the run tells, one line a step."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record; errors in red."""
        style = "red" if record.levelno >= logging.ERROR else "dim"
        console.print(f"  {escape(record.getMessage())}", style=style)


def show_progress() -> None:
    """Let the steps of runs be printed."""
    logger = logging.getLogger("cei.progress")
    if not logger.handlers:
        logger.addHandler(ProgressPrinter())
        logger.setLevel(logging.INFO)
        logger.propagate = False


@contextmanager
def readable_errors(*, exit_code: int = 1) -> Iterator[None]:
    """Turn an exception into one clear line and an exit code; with `--debug` it goes through."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter, KeyboardInterrupt):
        raise
    except Exception as error:
        if _MODE.debug:
            raise
        errors.print(f"[red]error:[/red] {escape(str(error).strip() or type(error).__name__)}")
        errors.print("[dim]`cei --debug COMMAND` shows the traceback.[/dim]")
        raise typer.Exit(code=exit_code) from error


def use_installation(data_dir: Path | None, *, as_of: str | None = None) -> None:
    """Make the given folder and clock the installation of this process and of what it starts."""
    if data_dir is not None:
        os.environ["CEI_DATA_DIR"] = str(data_dir.expanduser().resolve())
    if as_of is not None:
        os.environ["CEI_AS_OF"] = as_of
