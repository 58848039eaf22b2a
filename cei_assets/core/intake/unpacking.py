"""Plain, gzip and zip drops as one stream of unpacked bytes, bounded in size and ratio."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from cei_assets.core.intake.verdict import Limits, UnusableFileError

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_RATIO_FROM_BYTES = 16 << 20


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
            yield from _bounded(member, packed_bytes, limits, piece_bytes, "gzip")
    elif start in _ZIP:
        yield from _zip_pieces(stream, packed_bytes, limits, piece_bytes)
    else:
        while piece := stream.read(piece_bytes):
            yield piece


def _zip_pieces(
    stream: BinaryIO, packed_bytes: int, limits: Limits, piece_bytes: int
) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(stream) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            if len(files) != 1:
                raise UnusableFileError(
                    f"the zip archive holds {len(files)} files; drop one file an archive"
                )
            with archive.open(files[0]) as member:
                yield from _bounded(member, packed_bytes, limits, piece_bytes, "zip")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise UnusableFileError(
            f"the zip archive cannot be read ({error}); pack the file again, without a password"
        ) from error


def _bounded(
    member: io.BufferedIOBase | gzip.GzipFile | zipfile.ZipExtFile,
    packed_bytes: int,
    limits: Limits,
    piece_bytes: int,
    kind: str,
) -> Iterator[bytes]:
    total = 0
    while piece := _read(member, piece_bytes, kind):
        total += len(piece)
        if total > limits.max_unpacked_bytes:
            raise UnusableFileError(
                f"the {kind} archive unpacks to more than {limits.max_unpacked_bytes} bytes; "
                "split the file"
            )
        if total > max(_RATIO_FROM_BYTES, packed_bytes * limits.max_unpacked_ratio):
            raise UnusableFileError(
                f"the {kind} archive unpacks to more than {limits.max_unpacked_ratio} times its "
                "size, which no meter data do; drop the file unpacked"
            )
        yield piece


def _read(
    member: io.BufferedIOBase | gzip.GzipFile | zipfile.ZipExtFile, piece_bytes: int, kind: str
) -> bytes:
    try:
        return member.read(piece_bytes)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, ValueError) as error:
        raise UnusableFileError(
            f"the {kind} archive is broken or cut off ({error}); send it again"
        ) from error
