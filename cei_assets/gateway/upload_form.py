"""The form of an upload: which file it brings, of what kind, and what is said beside it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from starlette.datastructures import FormData, UploadFile

from cei_assets.contracts.csi_vocabulary import CsiFileType
from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.gateway.problem import GatewayError
from cei_assets.storage.landing import FORM_SUFFIX, SIDECAR_SUFFIX, is_drop_name

# What the fields of an upload may add to its file.
FORM_BYTES = 128 << 10
FIELD_BYTES = 4096
MOST_FIELDS = 16
_SAFE_NAME = re.compile(r"[^\x00-\x1f\x7f/\\:]+")
_NAME_BYTES = 180
_CSI_FIELDS = (
    "application_id",
    "year",
    "month",
    "file_type",
    "original_filename",
    "uploader_pdp",
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
    def csi_file_type(self) -> CsiFileType | None:
        """What the CSI form of such a file says unless its sender says otherwise; None without."""
        return _CSI_FILE_TYPES.get(self)


_CSI_FILE_TYPES = {
    FileKind.CSI_APPLICATION: CsiFileType.APPLICATION_INTERVAL,
    FileKind.CSI_METER: CsiFileType.METER_INTERVAL,
}
_TEXT: dict[str, Any] = {"type": "string"}
REQUEST_BODY: dict[str, Any] = {
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
                        **dict.fromkeys(_CSI_FIELDS, _TEXT),
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file and what its form says; `received_at` (naive UTC) is when all of it had arrived."""

    file: UploadFile
    filename: str
    kind: FileKind
    received_at: datetime
    fields: dict[str, str] = field(default_factory=dict)

    def sidecars(self, organization_id: str) -> dict[str, bytes]:
        """Files that lie beside the drop, by suffix: whose it is, its zone, the CSI form."""
        said = {"organization_id": organization_id}
        if self.fields.get("timezone", "").strip():
            said["timezone"] = self.fields["timezone"].strip()
        found = {SIDECAR_SUFFIX: orjson.dumps(said)}
        if self.kind.csi_file_type is not None:
            found[FORM_SUFFIX] = orjson.dumps(self._csi_form(self.kind.csi_file_type))
        return found

    def _csi_form(self, file_type: CsiFileType) -> dict[str, str]:
        """The sender's fields; the time of submission is the receiver's, whatever was sent."""
        given = {name: self.fields[name] for name in _CSI_FIELDS if self.fields.get(name)}
        return {
            "file_type": file_type.value,
            "original_filename": self.filename,
            **given,
            "submitted_at": f"{self.received_at.isoformat()}Z",
        }


def read_upload(form: FormData, *, received_at: datetime) -> Upload:
    """The upload that a form brings; raises GatewayError 422 for what is no form of ours."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise invalid_form("the form has no file in the field 'file'; send multipart/form-data")
    filename = file.filename or ""
    if not _is_usable(filename):
        raise invalid_form(
            "the file's name is missing or unusable; expected a plain name such as readings.csv, "
            f"without folders, at most {_NAME_BYTES} bytes, not ending in .tmp or .part"
        )
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    for name in ("timezone", *_CSI_FIELDS):
        if not _is_text(texts.get(name, "")):
            raise invalid_form(f"the field {name!r} is not text")
    try:
        kind = FileKind(texts.get("kind", FileKind.CSV.value))
    except ValueError as error:
        raise invalid_form(f"the field 'kind' is none of {', '.join(FileKind)}") from error
    return Upload(file=file, filename=filename, kind=kind, received_at=received_at, fields=texts)


def invalid_form(message: str, *, detail: object = None) -> GatewayError:
    """422: not a form of ours."""
    return GatewayError(422, "INVALID_FORM", message, detail=detail)


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
