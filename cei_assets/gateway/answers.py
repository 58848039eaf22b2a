"""Shapes of answers, for the documentation of the interface."""

from pydantic import BaseModel, ConfigDict, Field


class RecordError(BaseModel):
    """A record that failed or was skipped."""

    index: int = Field(description="Place in the request, from 0.")
    code: str = Field(description="Why, one code a record.")
    detail: str = Field(description="All problems that were found, in words.")


class BatchAnswer(BaseModel):
    """ingested + skipped_duplicate + failed = records sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"ingested": 1, "skipped_duplicate": 0, "failed": 0, "errors": []},
                {
                    "ingested": 1,
                    "skipped_duplicate": 0,
                    "failed": 1,
                    "errors": [
                        {"index": 1, "code": "INVALID_VALUE", "detail": "value -2 is negative"}
                    ],
                },
            ]
        }
    )

    ingested: int = Field(description="On disk when the answer leaves.")
    skipped_duplicate: int = Field(description="Stored already, with the same payload.")
    failed: int = Field(description="Refused; correct them and send them again.")
    errors: list[RecordError] = Field(
        description="An entry for every failed and skipped record, in order of index."
    )


class UploadFinding(BaseModel):
    """A refused row."""

    line: int | None
    code: str
    column: str | None
    value: str | None
    detail: str | None = Field(description="What was expected.")


class UploadAnswer(BaseModel):
    """The verdict on a file: rows_read = rows_accepted + rows_rejected + rows_exact_duplicate."""

    file: str = Field(description="The name it was sent with.", examples=["readings.csv"])
    stored_as: str = Field(description="Its name in the landing folder.")
    status: str = Field(description="accepted, partial, rejected or waiting.")
    rows_read: int | None = None
    rows_accepted: int | None = None
    rows_rejected: int | None = None
    rows_exact_duplicate: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    warnings: list[str]
    findings: list[UploadFinding] = Field(description="The first 20 refused rows.")


class Problem(BaseModel):
    """Every answer other than 200."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "UNAUTHORIZED",
                    "message": "the request needs a valid token",
                    "request_id": "4f6c1d0e9b7a4b53",
                    "detail": None,
                }
            ]
        }
    )

    code: str = Field(description="For programs.")
    message: str = Field(description="What to do.")
    request_id: str = Field(description="As in the header X-Request-ID.")
    detail: object = Field(default=None, description="What was found.")


class Health(BaseModel):
    """Liveness."""

    status: str = Field(description="`ok`.", examples=["ok"])


class Readiness(BaseModel):
    """Whether batches can be taken and how old what can be read back is."""

    status: str = Field(description="`ready` or `not_ready`.", examples=["ready"])
    storage_writable: bool
    register_problem: str | None = Field(description="What is wrong with the register's files.")
    published_at_utc: str | None = Field(description="When the marts were last published.")
    published_age_seconds: float | None
