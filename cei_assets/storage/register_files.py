"""Register files as texts, whatever their encoding, and what their errors raise."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from cei_assets.contracts.finding import Finding, FindingLevel
from cei_assets.core.register.text import register_file

_CSI_PREFIX = "csi_"
_CDS_PREFIX = "cds_"


class RegisterError(Exception):
    """The register cannot be used; the message names every finding, one a line."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        errors = [finding for finding in findings if finding.is_error]
        super().__init__(
            f"the register has {len(errors)} error{'s' if len(errors) > 1 else ''}:\n"
            + "\n".join(str(finding) for finding in findings)
        )


def is_csi_file(file: Path) -> bool:
    """Whether a file of the register folder belongs to the CSI-Thermal programme."""
    return file.stem.startswith(_CSI_PREFIX)


def is_cds_file(file: Path) -> bool:
    """Whether a file of the register folder is about customer data of CDS servers."""
    return file.stem.startswith(_CDS_PREFIX)


def read_texts(files: Iterable[Path]) -> tuple[dict[str, str], list[Finding]]:
    """Texts by file name without ending, in order of name, and findings about their encoding.

    UTF-8 with or without byte-order mark, UTF-16 with one, and Windows-1252 with a warning. With
    an error among the findings, characters are missing from that text. Raises OSError.
    """
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for file in sorted(files):
        text, file_findings = _decoded(file)
        findings += file_findings
        texts[file.stem] = text
    return texts, findings


def rows_digest(data: pa.Table) -> str:
    """Digest of names and rows, sorted; the IPC bytes of equal rows could differ."""
    ordered = data.sort_by([(name, "ascending") for name in data.column_names])
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(ordered, sink)
    return hashlib.sha256(sink.getvalue().to_pybytes()).hexdigest()


def _decoded(file: Path) -> tuple[str, list[Finding]]:
    content = file.read_bytes()
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if is_utf_16 else "utf-8-sig"), []
    except UnicodeDecodeError:
        text = content.decode("utf-16" if is_utf_16 else "cp1252", errors="replace")
    readable, unreadable, _ = text.partition("\ufffd")
    finding = Finding(
        where=register_file(file.stem),
        line=readable.count("\n") + 1 if unreadable else None,
        found="characters that cannot be read"
        if unreadable
        else "characters that are not UTF-8, read as Windows-1252",
        expected="UTF-8",
        fix="save the file as 'CSV UTF-8'",
        level=FindingLevel.ERROR if unreadable else FindingLevel.WARNING,
    )
    return text, [finding]
