"""Plain, gzip and zip drops as one stream of unpacked bytes, bounded in size and ratio."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO

from cei_assets.core.intake.verdict import Limits, UnusableFileError

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MOST_DIRECTORY_BYTES = 1 << 20
_OFFICE_MEMBER = "[Content_Types].xml"
_RATIO_FROM_BYTES = 16 << 20
_BROKEN = (
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    UnicodeDecodeError,
    ValueError,
    IndexError,
    OverflowError,
    struct.error,
)


def unpacked_pieces(stream: BinaryIO, *, limits: Limits, piece_bytes: int) -> Iterator[bytes]:
    """The file's bytes in pieces, unpacked when it is gzip or zip.

    `stream` is seekable and read from its start. Raises UnusableFileError for an archive that is
    broken, holds other than one file, is encrypted, or unpacks beyond the limits.
    """
    stream.seek(0, io.SEEK_END)
    packed_bytes = stream.tell()
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    if start.startswith(_GZIP):
        with gzip.GzipFile(fileobj=stream) as member:
            yield from _bounded(member, packed_bytes, limits, piece_bytes)
    elif start in _ZIP:
        yield from _zip_pieces(stream, packed_bytes, limits, piece_bytes)
    else:
        while piece := stream.read(piece_bytes):
            yield piece


def _zip_pieces(
    stream: BinaryIO, packed_bytes: int, limits: Limits, piece_bytes: int
) -> Iterator[bytes]:
    archive, member = _only_member(stream, packed_bytes)
    with archive, member:
        yield from _bounded(member, packed_bytes, limits, piece_bytes)


def _only_member(stream: BinaryIO, packed_bytes: int) -> tuple[zipfile.ZipFile, IO[bytes]]:
    try:
        if _directory_bytes(stream, packed_bytes) > _MOST_DIRECTORY_BYTES:
            raise UnusableFileError("the zip archive lists many files; drop one file an archive")
        archive = zipfile.ZipFile(stream)
        files = [info for info in archive.infolist() if not info.is_dir()]
        if any(info.filename == _OFFICE_MEMBER for info in files):
            raise UnusableFileError("the file is a workbook, not text; save it as CSV")
        if len(files) != 1:
            raise UnusableFileError(
                f"the zip archive holds {len(files)} files; drop one file an archive"
            )
        if files[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnusableFileError(
                "the zip archive uses a method other than deflate; pack the file with deflate"
            )
        return archive, archive.open(files[0])
    except (*_BROKEN, NotImplementedError, RuntimeError) as error:
        raise UnusableFileError(
            f"the zip archive cannot be read ({error}); pack the file again, without a password"
        ) from error


def _directory_bytes(stream: BinaryIO, packed_bytes: int) -> int:
    """Size of the list of files that the archive's end claims; `zipfile` would read all of it.

    The end record is the last 22 bytes before a comment of at most 64 KiB; the record of a large
    archive (zip64), when there is one, counts instead.
    """
    tail_bytes = min(packed_bytes, 76 + 22 + 0xFFFF)
    stream.seek(packed_bytes - tail_bytes)
    tail = stream.read(tail_bytes)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        return 0
    if end >= 76 and tail[end - 20 : end - 16] == b"PK\x06\x07":
        return int(struct.unpack_from("<Q", tail, end - 36)[0])
    return int(struct.unpack_from("<L", tail, end + 12)[0])


def _bounded(
    member: IO[bytes] | gzip.GzipFile, packed_bytes: int, limits: Limits, piece_bytes: int
) -> Iterator[bytes]:
    total = 0
    while piece := _read(member, piece_bytes):
        total += len(piece)
        if total > limits.max_unpacked_bytes:
            raise UnusableFileError(
                f"the archive unpacks to more than {limits.max_unpacked_bytes} bytes; "
                "split the file"
            )
        if total > max(_RATIO_FROM_BYTES, packed_bytes * limits.max_unpacked_ratio):
            raise UnusableFileError(
                f"the archive unpacks to more than {limits.max_unpacked_ratio} times its "
                "size, which no meter data do; drop the file unpacked"
            )
        yield piece


def _read(member: IO[bytes] | gzip.GzipFile, piece_bytes: int) -> bytes:
    try:
        return member.read(piece_bytes)
    except _BROKEN as error:
        raise UnusableFileError(
            f"the archive is broken or cut off ({error}); send it again"
        ) from error
