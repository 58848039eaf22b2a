"""A Dagster logger that tells a person how far a run is, one line a step."""

import logging

import dagster as dg
from dagster import DagsterEventType, InitLoggerContext

_WORDS = {
    DagsterEventType.STEP_START: "started",
    DagsterEventType.STEP_SUCCESS: "done",
    DagsterEventType.STEP_FAILURE: "failed",
}


class ProgressHandler(logging.Handler):
    """Passes starts, ends and failures of steps on to the logger `cei.progress`."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say what a step event means; other records only when they are errors."""
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        progress = logging.getLogger("cei.progress")
        if event is not None and event.event_type in _WORDS:
            progress.info("%s %s", event.step_key, _WORDS[event.event_type])
        elif event is None and record.levelno >= logging.ERROR:
            progress.error("%s", meta.get("orig_message", record.getMessage()))


@dg.logger(config_schema={}, description="One line for every step that starts, ends or fails.")
def progress_logger(init_context: InitLoggerContext) -> logging.Logger:
    """The logger of a run started from the command line."""
    del init_context
    # Not getLogger: a named logger would keep the handler of the run before.
    logger = logging.Logger("cei.run", level=logging.DEBUG)  # noqa: LOG001
    logger.addHandler(ProgressHandler())
    return logger
