"""Verdicts on CSI-Thermal reports without storing anything: form and content, not history."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cei_assets.contracts.csi_vocabulary import CsiResult
from cei_assets.core.csi.finding import CsiVerdict
from cei_assets.core.csi.form import read_form
from cei_assets.core.csi.judge import judge_upload
from cei_assets.core.csi.program import CsiOptions, CsiRegister
from cei_assets.storage.landing import FORM_SUFFIX


@dataclass(frozen=True, kw_only=True)
class CsiFileVerdict:
    """A report and what the rules on form and content say of it."""

    file: Path
    verdict: CsiVerdict

    @property
    def passed(self) -> bool:
        """Whether no rule rejects it; it may be late all the same."""
        return self.verdict.result is CsiResult.SUCCESS

    @property
    def name(self) -> str:
        """The file as it was named; what of the name is no text shows as question marks."""
        return printable(str(self.file))

    @property
    def form_file(self) -> Path:
        """Where the file's form lies, whether it does or not."""
        return form_beside(self.file)

    @property
    def form_name(self) -> str:
        """The name of the form's file, as text."""
        return printable(self.form_file.name)

    @property
    def due_at(self) -> str | None:
        """Last second on time, UTC; None when the form names no month."""
        due = self.verdict.due_at_utc
        return None if due is None else f"{due.isoformat(timespec='seconds')}Z"

    def as_json(self) -> dict[str, Any]:
        """One line of `--json`; decimals are text, since JSON's numbers are floats."""
        sums = self.verdict.sums
        return {
            "file": self.name,
            "status": self.verdict.result.value,
            "late": self.verdict.is_late,
            "due_at": self.due_at,
            "findings": [finding.as_json() for finding in self.verdict.findings],
            "warnings": [warning.as_json() for warning in self.verdict.warnings],
            "data_rows": self.verdict.data_rows,
            "sums": {
                "solar_btu": sums.solar_btu,
                "total_btu": sums.total_btu,
                "backup_gas_therms": plain(sums.backup_gas_therms),
                "backup_electric_kwh": plain(sums.backup_electric_kwh),
                "backup_propane_therms": plain(sums.backup_propane_therms),
            },
        }


def judge_csi_file(
    path: Path, *, register: CsiRegister, options: CsiOptions, received_at_utc: datetime
) -> CsiFileVerdict:
    """What the rules say of a report and the form beside it, `<file>.form.json`.

    `received_at_utc` (naive UTC) is when the report came where its form does not say. Reads at
    most one byte more than a report may have. Raises OSError.
    """
    beside = form_beside(path)
    # Bytes that are no UTF-8 become characters that no field may hold, so the form is refused.
    text = beside.read_text(encoding="utf-8", errors="replace") if beside.exists() else None
    form = read_form(text, received_at_utc=received_at_utc, filename=path.name)
    with path.open("rb") as file:
        content = file.read(options.max_bytes + 1)
    verdict = judge_upload(
        content,
        form=form,
        register=register,
        options=options,
        size_bytes=path.stat().st_size,
    )
    return CsiFileVerdict(file=path, verdict=verdict)


def form_beside(path: Path) -> Path:
    """The file of the form that belongs to a report."""
    return path.with_name(path.name + FORM_SUFFIX)


def printable(text: str) -> str:
    """A name as text; what of it is no text shows as question marks."""
    return text.encode(errors="replace").decode()


def plain(quantity: Decimal | None) -> str | None:
    """A decimal as digits, without exponent and without zeros at its end."""
    if quantity is None:
        return None
    digits = f"{quantity:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
