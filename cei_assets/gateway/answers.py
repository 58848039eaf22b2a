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
    status: str = Field(description="accepted, partial or rejected.")
    rows_read: int | None = None
    rows_accepted: int | None = None
    rows_rejected: int | None = None
    rows_exact_duplicate: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    warnings: list[str]
    findings: list[UploadFinding] = Field(description="The first 20 refused rows.")


class CsiFindingAnswer(BaseModel):
    """What a rule says of a CSI report; the first 20 of every rule are listed."""

    rule: str = Field(description="Id of the rule.", examples=["CSI-R08"])
    line: int | None = Field(description="Physical line, the header is 1.")
    column: str | None = Field(description="Letter of the column.")
    column_name: str | None
    value: str | None = Field(description="What stood there, at most 80 characters.")
    message: str = Field(description="What is wrong and how to fix it.")
    count: int = Field(description="How often the rule was broken in the file.")


class CsiSumsAnswer(BaseModel):
    """Sums of the columns D to H, empty where no cell is filled; decimals as text."""

    solar_btu: int | None
    total_btu: int | None
    backup_gas_therms: str | None
    backup_electric_kwh: str | None
    backup_propane_therms: str | None


class CsiUploadAnswer(BaseModel):
    """The verdict on form and content of a CSI report; the history of its month is not in it."""

    file: str = Field(description="The name it was sent with.", examples=["SCG-00987.csv"])
    stored_as: str = Field(description="Its name in the landing folder.")
    status: str = Field(
        description="Success or Failure; waiting while the programme's register has errors."
    )
    late: bool | None = Field(default=None, description="Whether the deadline had passed.")
    due_at: str | None = Field(
        default=None, description="Last second on time, UTC.", examples=["2013-11-02T06:59:59Z"]
    )
    findings: list[CsiFindingAnswer] = Field(description="Why it is a Failure.")
    warnings: list[CsiFindingAnswer] = Field(description="What else was seen.")
    data_rows: int | None = None
    sums: CsiSumsAnswer | None = None
    problem: str | None = Field(default=None, description="Why the report waits.")


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
