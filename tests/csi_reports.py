"""Application Interval Reports, forms and registers of the CSI-Thermal programme, as tests need."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from cei_assets.contracts.csi_vocabulary import (
    COLUMN_LETTERS,
    HEADER_TEMPLATE,
    BackupType,
    DisplacedFuel,
    QuantityUnit,
)
from cei_assets.core.csi.finding import CsiFinding, CsiVerdict
from cei_assets.core.csi.form import Form, read_form
from cei_assets.core.csi.judge import judge_upload
from cei_assets.core.csi.months import month_labels
from cei_assets.core.csi.program import Application, CsiOptions, CsiRegister

APPLICATION_ID = "SCG-00987"
PDP = "sunmetrics"
MONTH = date(2013, 9, 1)
RECEIVED = datetime(2013, 10, 20, 12, 0, tzinfo=UTC)
BACKUP_COLUMNS = {"gas": "F", "electric": "G", "propane": "H"}
Rows = list[list[str]]


def application(application_id: str = APPLICATION_ID, **changes: object) -> Application:
    """A 1-tank application with gas back-up, 24 months from September 2013; fields as told."""
    given = Application(
        application_id=application_id,
        program_administrator="SCG",
        pdp_id=PDP,
        tank_configuration=1,
        backup_type=BackupType.GAS,
        displaced_fuel=DisplacedFuel.GAS,
        icf_approved=date(2013, 8, 14),
        capacity_kwth=Decimal(300),
        baseline_efficiency=Decimal("0.82"),
        rate=Decimal("7.27"),
        rate_unit=QuantityUnit.THERM,
        incentive_cap=Decimal(500_000),
        first_data_month=date(2013, 9, 1),
        last_data_month=date(2015, 8, 1),
        conversion_method="delivered_energy",
    )
    return replace(given, **changes)


def register(*applications: Application, **pdps: bool) -> CsiRegister:
    """A register of the applications (the default one without any); `pdps` by id, active or not."""
    versions: dict[str, tuple[Application, ...]] = {}
    for each in applications or (application(),):
        versions[each.application_id] = (*versions.get(each.application_id, ()), each)
    return CsiRegister(applications=versions, pdp_active={PDP: True} | pdps)


def form_fields(month: date = MONTH, /, **changes: object) -> dict[str, object]:
    """The fields of a form on which everything is right; None takes a field away."""
    fields: dict[str, object] = {
        "application_id": APPLICATION_ID,
        "year": month.year,
        "month": month.month,
        "file_type": "application_interval",
        "original_filename": "report.csv",
        "uploader_pdp": PDP,
        "submitted_at": _on_time(month),
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def form_text(month: date = MONTH, /, **changes: object) -> str:
    """A form as the text of its `.form.json`."""
    return json.dumps(form_fields(month, **changes))


def form(month: date = MONTH, /, **changes: object) -> Form:
    """A form, read from its text."""
    return read_form(
        form_text(month, **changes), received_at_utc=RECEIVED, filename="stored-name.csv"
    )


def judged(
    content: bytes,
    month: date = MONTH,
    *,
    given_form: Form | None = None,
    given_register: CsiRegister | None = None,
    options: CsiOptions | None = None,
) -> CsiVerdict:
    """The verdict on a file, with a form and a register on which everything is right."""
    return judge_upload(
        content,
        form=given_form or form(month),
        register=given_register or register(),
        options=options or CsiOptions(),
    )


def broken(verdict: CsiVerdict) -> dict[str, int]:
    """Ids of the rules that reject, without their prefix, and how often each was broken."""
    return {finding.rule.name: finding.count for finding in verdict.findings}


def told(verdict: CsiVerdict) -> dict[str, int]:
    """Ids of the rules that warn, inform or flag, and how often."""
    return {finding.rule.name: finding.count for finding in verdict.warnings}


def first(verdict: CsiVerdict, rule: str) -> CsiFinding:
    """The first finding of a rule; StopIteration when the verdict has none."""
    found = (*verdict.findings, *verdict.warnings)
    return next(finding for finding in found if finding.rule.name == rule)


def report_rows(
    month: date = MONTH,
    *,
    application_id: str = APPLICATION_ID,
    tank: int = 1,
    backup: str = "gas",
) -> Rows:
    """Data rows of a valid month: gallons, heat from 06:00 to 18:00, back-up fuel, no log data."""
    return [list(row) for row in _valid_rows(month, application_id, tank, backup)]


@cache
def _valid_rows(
    month: date, application_id: str, tank: int, backup: str
) -> tuple[tuple[str, ...], ...]:
    energy = "E" if tank == 1 else "D"
    rows = []
    for number, label in enumerate(month_labels(month)):
        row = [""] * len(HEADER_TEMPLATE)
        row[0], row[1] = application_id, label
        row[column("C")] = str(12_000 + number)
        row[column(energy)] = str(_heat(number))
        if backup != "none":
            row[column(BACKUP_COLUMNS[backup])] = f"0.{number % 7}25"
        rows.append(tuple(row))
    return tuple(rows)


def report(
    month: date = MONTH,
    *,
    edit: Callable[[Rows], object] | None = None,
    header: Sequence[str] = HEADER_TEMPLATE,
    newline: str = "\r\n",
    application_id: str = APPLICATION_ID,
    tank: int = 1,
    backup: str = "gas",
) -> bytes:
    """A valid report after `edit` changed its data rows in place."""
    rows = report_rows(month, application_id=application_id, tank=tank, backup=backup)
    if edit is not None:
        edit(rows)
    return report_bytes(rows, header=header, newline=newline)


def report_bytes(
    rows: Sequence[Sequence[str]],
    *,
    header: Sequence[str] = HEADER_TEMPLATE,
    newline: str = "\r\n",
) -> bytes:
    """Rows as a CSV file in UTF-8; a cell is quoted where it must be."""
    return "".join(csv_line(row) + newline for row in (header, *rows)).encode()


def csv_line(cells: Sequence[str]) -> str:
    """Cells as one record without its line end."""
    plain = ",".join(cells)
    if plain.count(",") == len(cells) - 1 and not any(mark in plain for mark in '"\r\n'):
        return plain
    return ",".join(_quoted(cell) for cell in cells)


def column(letter: str) -> int:
    """Position of a column by its letter."""
    return COLUMN_LETTERS.index(letter)


def put(letter: str, *cells: str, line: int = 2) -> Callable[[Rows], None]:
    """An edit that writes cells into a column, from a physical line on (the first row is 2)."""

    def edit(rows: Rows) -> None:
        for offset, cell in enumerate(cells):
            rows[line - 2 + offset][column(letter)] = cell

    return edit


def fill(letter: str, cell: str) -> Callable[[Rows], None]:
    """An edit that writes the same cell into the whole column."""

    def edit(rows: Rows) -> None:
        for row in rows:
            row[column(letter)] = cell

    return edit


def edits(*several: Callable[[Rows], object]) -> Callable[[Rows], None]:
    """Several edits as one."""

    def edit(rows: Rows) -> None:
        for each in several:
            each(rows)

    return edit


def _quoted(cell: str) -> str:
    if any(mark in cell for mark in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _heat(number: int) -> int:
    quarter_of_day = (number + 1) % 96
    return 4_313 + 17 * number % 1_009 if 24 < quarter_of_day <= 72 else 0


def _on_time(month: date) -> str:
    """Noon of the 20th of the following month."""
    years, index = divmod(month.month, 12)
    return f"{month.year + years:04d}-{index + 1:02d}-20T12:00:00Z"
