"""Rules F01 to F05, W09 and W10: size, kind, name and encoding of a file."""

from cei_assets.contracts.csi_vocabulary import CsiRule, CsiSeverity
from cei_assets.core.csi.wording import FindingCollector, quoted

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLD_EXCEL_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_GZIP_START = b"\x1f\x8b\x08"
_WORKBOOK_MEMBERS = (b"[Content_Types].xml", b"xl/")
_SAVE_AS_CSV = "Save the sheet as CSV UTF-8 (comma delimited) and upload that."
# Windows-1252 leaves five bytes undefined; browsers and this table read them as control characters.
_WINDOWS_1252 = {
    byte: character
    for byte in range(0x80, 0xA0)
    if (character := bytes([byte]).decode("cp1252", errors="ignore"))
}


def judge_bytes(
    content: bytes, *, size_bytes: int, max_bytes: int, filename: str, found: FindingCollector
) -> None:
    """Adds what can be said without reading the text; `content` may be its first bytes only."""
    if not content.removeprefix(_BYTE_ORDER_MARK).strip():
        found.add(CsiRule.F01, "file is empty. Upload the month's report.")
    if size_bytes > max_bytes:
        found.add(
            CsiRule.F02,
            f"file has {size_bytes:,} bytes, limit {max_bytes:,}. "
            "Upload one month of one application; a month takes about 200,000 bytes.",
        )
    archive = _archive_kind(content)
    if archive is not None:
        found.add(CsiRule.F04, f"this is {archive}, not a .csv. {_SAVE_AS_CSV}")
    else:
        _judge_text(content, found)
    if not filename.lower().endswith(".csv"):
        found.add(
            CsiRule.F05,
            f"name {quoted(filename)} does not end in .csv. {_SAVE_AS_CSV}",
            value=filename,
        )


def judge_meter_bytes(*, size_bytes: int, found: FindingCollector) -> None:
    """Adds a warning for an empty meter interval report; nothing else is asked of one."""
    if size_bytes == 0:
        found.add(
            CsiRule.F01,
            "file is empty. It is archived as it is; upload the report again if that is wrong.",
            severity=CsiSeverity.WARN,
        )


def decoded(content: bytes, found: FindingCollector) -> str:
    """The text of a file: UTF-8 with or without byte-order mark, or else Windows-1252."""
    marked = content.startswith(_BYTE_ORDER_MARK)
    if marked:
        found.add(CsiRule.W09, "byte-order mark removed. Nothing needs to be done.")
    body = content.removeprefix(_BYTE_ORDER_MARK)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = _line_at(body, error.start)
        found.add(
            CsiRule.W10,
            f"byte 0x{body[error.start]:02X} is not UTF-8; the file was read as Windows-1252. "
            "Save it as CSV UTF-8 if its log texts look wrong.",
            line=line,
        )
        return body.decode("latin-1").translate(_WINDOWS_1252)


def _judge_text(content: bytes, found: FindingCollector) -> None:
    if content.startswith(_UTF_16_MARKS):
        found.add(CsiRule.F03, f"the file looks like UTF-16. {_SAVE_AS_CSV}")
        return
    offset = content.find(b"\0")
    if offset < 0:
        return
    line = _line_at(content, offset)
    # Latin text in UTF-16 or UTF-32 has a NUL among its first four bytes.
    kind = "; the file looks like UTF-16 or UTF-32" if offset < 4 else ""
    found.add(
        CsiRule.F03,
        f"NUL byte at offset {offset} (line {line}){kind}. {_SAVE_AS_CSV}",
        line=line,
    )


def _archive_kind(content: bytes) -> str | None:
    if content.startswith(_OLD_EXCEL_START):
        return "an Excel workbook (.xls)"
    if content.startswith(_GZIP_START):
        return "a gzip archive"
    if not content.startswith(_ZIP_STARTS):
        return None
    is_workbook = any(member in content for member in _WORKBOOK_MEMBERS)
    return "an Excel workbook (.xlsx)" if is_workbook else "a zip archive"


def _line_at(content: bytes, offset: int) -> int:
    """Physical line of a byte; LF, CRLF and CR end lines."""
    before = content[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
