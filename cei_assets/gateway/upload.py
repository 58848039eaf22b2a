"""`POST /api/v1/upload-csv`: a file in, its verdict out, the file where drops land."""

import asyncio
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from cei_assets.contracts.vocabulary import UploadSource, UploadStatus
from cei_assets.gateway.access import Grant, authorize
from cei_assets.gateway.answers import Problem, UploadAnswer
from cei_assets.gateway.bodies import bounded, refuse_announced, too_slow
from cei_assets.gateway.problem import GatewayError
from cei_assets.gateway.services import Services
from cei_assets.gateway.state.tokens import Scope
from cei_assets.settings import Settings
from cei_assets.storage.atomic import sync_folder, write_bytes
from cei_assets.storage.file_check import judge_file
from cei_assets.storage.landing import SIDECAR_SUFFIX, is_drop_name

router = APIRouter(prefix="/api/v1", tags=["readings in"])
FORM_SUFFIX = ".form.json"
_SAFE_NAME = re.compile(r"[^\x00-\x1f\x7f/\\:]+")
_NAME_BYTES = 180
# What the fields of an upload may add to its file.
_FORM_BYTES = 128 << 10
_FIELD_BYTES = 4096
_MOST_FIELDS = 16
_FORM_FIELDS = (
    "application_id",
    "year",
    "month",
    "file_type",
    "original_filename",
    "uploader_pdp",
    "submitted_at",
)


class FileKind(StrEnum):
    """What an uploaded file holds; names the landing folder."""

    CSV = "csv"
    TEMPERATURE = "temperature"
    CSI_APPLICATION = "csi_application"
    CSI_METER = "csi_meter"

    @property
    def upload_source(self) -> UploadSource:
        """The landing folder's source."""
        return UploadSource.CSV_DROP if self is FileKind.CSV else UploadSource(self.value)

    @property
    def is_csi(self) -> bool:
        """Whether the file comes with the fields of the CSI upload form."""
        return self in (FileKind.CSI_APPLICATION, FileKind.CSI_METER)


_TEXT: dict[str, Any] = {"type": "string"}
_REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "kind": {
                            "type": "string",
                            "enum": list(FileKind),
                            "default": FileKind.CSV.value,
                        },
                        "timezone": {
                            "type": "string",
                            "description": "IANA zone of timestamps without offset.",
                            "example": "Europe/Rome",
                        },
                        **dict.fromkeys(_FORM_FIELDS, _TEXT),
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, kw_only=True)
class _Landing:
    """Where an upload is written first, and the name under which it counts."""

    temporary: Path
    final: Path


@router.post(
    "/upload-csv",
    response_model=UploadAnswer,
    responses={status: {"model": Problem} for status in (401, 403, 408, 413, 422, 429)},
    openapi_extra=_REQUEST_BODY,
    summary="Send a file of readings, temperatures or a CSI report",
)
async def upload_csv(request: Request) -> Response:
    """Takes one file in the form field `file`; the verdict is the one of `cei check`.

    The file is stored like one that is dropped into the landing folder, whatever the verdict:
    refused rows are kept with their reasons. It may be compressed by gzip, or a zip of one file.
    """
    services: Services = request.app.state.services
    settings = services.settings
    limit = settings.gateway_max_upload_bytes + _FORM_BYTES
    refuse_announced(request, limit=limit)
    grant = authorize(request, Scope.UPLOAD)
    form = await _received(bounded(request, limit=limit), settings.gateway_upload_seconds)
    try:
        file, kind, fields = _read_form(form)
        answer = await asyncio.to_thread(_take, services, grant, file, kind, fields)
    finally:
        await form.close()
    return Response(orjson.dumps(answer), media_type="application/json")


async def _received(request: Request, seconds: float) -> FormData:
    """The form, its file on disk where it is large."""
    try:
        async with asyncio.timeout(seconds):
            return await request.form(
                max_files=1, max_fields=_MOST_FIELDS, max_part_size=_FIELD_BYTES
            )
    except TimeoutError as error:
        raise too_slow(seconds) from error
    except HTTPException as error:
        raise _invalid("the form cannot be read", detail=error.detail) from error


def _read_form(form: FormData) -> tuple[UploadFile, FileKind, dict[str, str]]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise _invalid("the form has no file in the field 'file'; send multipart/form-data")
    if not _is_usable(file.filename or ""):
        raise _invalid(
            "the file's name is missing or unusable; expected a plain name such as readings.csv, "
            f"without folders, at most {_NAME_BYTES} bytes, not ending in .tmp or .part"
        )
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    for name in ("timezone", *_FORM_FIELDS):
        if not _is_text(texts.get(name, "")):
            raise _invalid(f"the field {name!r} is not text")
    try:
        kind = FileKind(texts.get("kind", FileKind.CSV.value))
    except ValueError as error:
        raise _invalid(f"the field 'kind' is none of {', '.join(FileKind)}") from error
    return file, kind, texts


def _is_usable(name: str) -> bool:
    """Whether the name is one of a plain file that the landing folder takes."""
    return (
        _SAFE_NAME.fullmatch(name) is not None
        and _is_text(name)
        and len(name.encode()) <= _NAME_BYTES
        and is_drop_name(name)
    )


def _is_text(text: str) -> bool:
    """Whether UTF-8 can hold it, which the decoders of some charsets do not ensure."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _take(
    services: Services, grant: Grant, file: UploadFile, kind: FileKind, fields: dict[str, str]
) -> dict[str, Any]:
    """Writes the file beside its final name, judges it there, then lets it count."""
    landing = _landing(services.settings, file.filename or "", kind)
    try:
        with landing.temporary.open("xb") as target:
            shutil.copyfileobj(file.file, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
        sidecar = _sidecar(grant, kind, fields)
        for suffix, content in sidecar.items():
            write_bytes(landing.temporary.with_name(landing.temporary.name + suffix), content)
        answer = _verdict(services, landing, kind, file.filename or "")
        for suffix in sidecar:
            beside = landing.temporary.with_name(landing.temporary.name + suffix)
            beside.rename(landing.final.with_name(landing.final.name + suffix))
        landing.temporary.rename(landing.final)
        sync_folder(landing.final.parent)
    finally:
        landing.temporary.unlink(missing_ok=True)
        for suffix in (SIDECAR_SUFFIX, FORM_SUFFIX):
            landing.temporary.with_name(landing.temporary.name + suffix).unlink(missing_ok=True)
    return answer


def _landing(settings: Settings, filename: str, kind: FileKind) -> _Landing:
    """A name that no other upload has; it begins with a dot until the file counts."""
    folder = settings.paths.landing(kind.upload_source.value)
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(filename)
    own = f"{name.stem}.{secrets.token_hex(4)}{name.suffix}"
    return _Landing(temporary=folder / f".{own}", final=folder / own)


def _sidecar(grant: Grant, kind: FileKind, fields: dict[str, str]) -> dict[str, bytes]:
    """Files that lie beside the drop, by suffix: whose it is, its zone, the fields of the form."""
    said: dict[str, str] = {"organization_id": grant.organization_id}
    if fields.get("timezone", "").strip():
        said["timezone"] = fields["timezone"].strip()
    found = {SIDECAR_SUFFIX: orjson.dumps(said)}
    if kind.is_csi:
        form = {name: fields[name] for name in _FORM_FIELDS if name in fields}
        found[FORM_SUFFIX] = orjson.dumps(form)
    return found


def _verdict(
    services: Services, landing: _Landing, kind: FileKind, filename: str
) -> dict[str, Any]:
    stored = {"file": filename, "stored_as": landing.final.name}
    if kind.is_csi:
        return {"status": UploadStatus.WAITING.value, "findings": [], "warnings": []} | stored
    judged = judge_file(
        landing.temporary,
        settings=services.settings,
        upload_source=kind.upload_source,
        register=services.register.current.register,
    )
    return judged.as_json() | stored


def _invalid(message: str, *, detail: object = None) -> GatewayError:
    return GatewayError(422, "INVALID_FORM", message, detail=detail)
