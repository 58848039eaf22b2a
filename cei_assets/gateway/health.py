"""`GET /api/v1/health` and `/api/v1/health/ready`."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, Request, Response

from cei_assets.gateway.answers import Health, Readiness
from cei_assets.gateway.services import Services

router = APIRouter(prefix="/api/v1/health", tags=["health"])


@router.get("", summary="Is the gateway alive?")
async def health() -> Health:
    """Answers as long as the process works."""
    return Health(status="ok")


@router.get(
    "/ready",
    summary="Can it take readings, and how old are the marts?",
    responses={503: {"model": Readiness}},
)
def ready(request: Request, response: Response) -> Readiness:
    """503 when storage is not writable; the age of the marts is told, not judged."""
    services: Services = request.app.state.services
    published_at = _changed_at(services.settings.paths.published)
    is_writable = _is_writable(services.settings.paths.journal)
    if not is_writable:
        response.status_code = 503
    return Readiness(
        status="ready" if is_writable else "not_ready",
        storage_writable=is_writable,
        register_problem=services.register.problem or services.csi_register.problem,
        published_at_utc=published_at and f"{published_at:%Y-%m-%dT%H:%M:%SZ}",
        published_age_seconds=(
            published_at and round((services.wall_clock() - published_at).total_seconds(), 1)
        ),
    )


def _changed_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except FileNotFoundError:
        return None


def _is_writable(folder: Path) -> bool:
    probe = folder / f".probe-{secrets.token_hex(4)}"
    try:
        probe.write_bytes(os.urandom(1))
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True
