"""The gateway as a process: uvicorn, one worker, structured logs."""

import logging
from pathlib import Path

import structlog
import uvicorn

from cei_assets.gateway.app import create_app
from cei_assets.gateway.protocol import bounded_protocol
from cei_assets.gateway.services import Services
from cei_assets.settings import Settings


def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    certificate: Path | None = None,
    private_key: Path | None = None,
) -> None:
    """Serves until the process is told to stop; what was accepted is then handed over.

    One worker: a commit serves all requests that wait for it, and a second process would only wait
    for the first one's lock. Logs are JSON, one line an event, on standard error. Raises before it
    listens what keeps it from starting: RegisterError, GatewayRunningError, a state out of reach.
    """
    services = Services(settings)
    _log_as_json()
    uvicorn.run(
        create_app(settings, built=services),
        host=host,
        port=port,
        http=bounded_protocol(
            head_seconds=settings.gateway_head_seconds,
            most_connections=settings.gateway_max_connections,
        ),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=30,
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
    )


def _log_as_json() -> None:
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
