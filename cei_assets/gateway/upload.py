"""`POST /api/v1/upload-csv`: a file in, its verdict out, the file where drops land."""

import asyncio
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.gateway.access import Grant, authorize
from cei_assets.gateway.answers import CsiUploadAnswer, Problem, UploadAnswer
from cei_assets.gateway.bodies import bounded, refuse_announced, too_slow
from cei_assets.gateway.services import Services
from cei_assets.gateway.state.tokens import Scope
from cei_assets.gateway.upload_form import (
    FIELD_BYTES,
    FORM_BYTES,
    MOST_FIELDS,
    REQUEST_BODY,
    Upload,
    invalid_form,
    read_upload,
)
from cei_assets.settings import Settings
from cei_assets.storage.atomic import sync_folder, write_bytes
from cei_assets.storage.csi_check import judge_csi_file
from cei_assets.storage.file_check import judge_file

router = APIRouter(prefix="/api/v1", tags=["readings in"])


@dataclass(frozen=True, kw_only=True)
class _Landing:
    """Where an upload is written first, and the name under which it counts."""

    temporary: Path
    final: Path


@router.post(
    "/upload-csv",
    response_model=UploadAnswer | CsiUploadAnswer,
    responses={status: {"model": Problem} for status in (401, 403, 408, 413, 422, 429)},
    openapi_extra=REQUEST_BODY,
    summary="Send a file of readings, temperatures or a CSI report",
)
async def upload_csv(request: Request) -> Response:
    """Takes one file in the form field `file`; the verdict is the one of `cei check`.

    The file is stored like one that is dropped into the landing folder, whatever the verdict:
    refused rows are kept with their reasons. Readings and temperatures may be compressed by gzip,
    or a zip of one file. The time of submission of a CSI report is the moment at which all of it
    had arrived here.
    """
    services: Services = request.app.state.services
    settings = services.settings
    limit = settings.gateway_max_upload_bytes + FORM_BYTES
    refuse_announced(request, limit=limit)
    grant = authorize(request, Scope.UPLOAD)
    form = await _received(bounded(request, limit=limit), settings.gateway_upload_seconds)
    received_at = services.received_at()
    try:
        upload = read_upload(form, received_at=received_at)
        answer = await asyncio.to_thread(_take, services, grant, upload)
    finally:
        await form.close()
    return Response(orjson.dumps(answer), media_type="application/json")


async def _received(request: Request, seconds: float) -> FormData:
    """The form, its file on disk where it is large."""
    try:
        async with asyncio.timeout(seconds):
            return await request.form(
                max_files=1, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES
            )
    except TimeoutError as error:
        raise too_slow(seconds) from error
    except HTTPException as error:
        raise invalid_form("the form cannot be read", detail=error.detail) from error


def _take(services: Services, grant: Grant, upload: Upload) -> dict[str, Any]:
    """Writes the file beside its final name, judges it there, then lets it count."""
    landing = _landing(services.settings, upload)
    sidecars = upload.sidecars(grant.organization_id)
    try:
        with landing.temporary.open("xb") as target:
            shutil.copyfileobj(upload.file.file, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
        for suffix, content in sidecars.items():
            write_bytes(_beside(landing.temporary, suffix), content)
        answer = _verdict(services, landing, upload)
        for suffix in sidecars:
            _beside(landing.temporary, suffix).rename(_beside(landing.final, suffix))
        landing.temporary.rename(landing.final)
        sync_folder(landing.final.parent)
    finally:
        landing.temporary.unlink(missing_ok=True)
        for suffix in sidecars:
            _beside(landing.temporary, suffix).unlink(missing_ok=True)
    return answer


def _landing(settings: Settings, upload: Upload) -> _Landing:
    """A name that no other upload has; it begins with a dot until the file counts."""
    folder = settings.paths.landing(upload.kind.upload_source.value)
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(upload.filename)
    own = f"{name.stem}.{secrets.token_hex(4)}{name.suffix}"
    return _Landing(temporary=folder / f".{own}", final=folder / own)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _verdict(services: Services, landing: _Landing, upload: Upload) -> dict[str, Any]:
    stored = {"file": upload.filename, "stored_as": landing.final.name}
    if upload.kind.csi_file_type is not None:
        return _csi_verdict(services, landing, upload) | stored
    judged = judge_file(
        landing.temporary,
        settings=services.settings,
        upload_source=upload.kind.upload_source,
        register=services.register.current.register,
    )
    return judged.as_json() | stored


def _csi_verdict(services: Services, landing: _Landing, upload: Upload) -> dict[str, Any]:
    """The verdict on form and content; a report is taken in time also while none can be given."""
    register = services.csi_register.current()
    if register is None:
        return {
            "status": UploadStatus.WAITING.value,
            "findings": [],
            "warnings": [],
            "problem": services.csi_register.problem,
        }
    judged = judge_csi_file(
        landing.temporary,
        register=register,
        options=services.settings.csi_options,
        received_at_utc=upload.received_at,
    )
    return judged.as_json()
