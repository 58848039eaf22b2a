"""A file of customer data as Python values, with every number as the text that was sent.

Numbers stay text: a Decimal forgets how `2.50e1` was written, and a float forgets digits. They
become DECIMAL for a whole file at once (`decimals`).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cei_assets.contracts.cds_vocabulary import CDS_ID_FIELDS, CdsCode, CdsObjectKind
from cei_assets.core.cds.finding import CdsReadError, Findings, escaped
from cei_assets.core.intake.batch_body import Number, type_name

MAX_BYTES = 256 * 1024 * 1024
MAX_NESTING = 64
"""Levels of lists and objects: bodies of the drafts have eight."""

_BOM = b"\xef\xbb\xbf"
_EXPECTED = 'an envelope such as {"usage_segments": [...]}, a list of objects, or one object'
_COMPACT_JWE = re.compile(r"[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


class NotANumber(Number):
    """NaN, Infinity or -Infinity: written where a number belongs, and none (RFC 8259)."""

    __slots__ = ()


class Ambiguous(dict[str, Any]):
    """An object in which names repeat: the last value of each holds, `names` are told."""

    __slots__ = ("names",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs)
        self.names = tuple(name for name, count in counts.items() if count > 1)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Objects of one kind that stand together; `pointer` leads to the list, or to the object."""

    kind: CdsObjectKind
    objects: list[Any]
    pointer: str
    is_single: bool = False

    def pointer_to(self, index: int) -> str:
        """The pointer to one of the objects."""
        return self.pointer if self.is_single else f"{self.pointer}/{index}"


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a file holds, part by part; `is_ambiguous` where a name repeats within an object."""

    parts: tuple[Part, ...]
    is_ambiguous: bool = False


def read_document(content: bytes, *, findings: Findings, max_bytes: int = MAX_BYTES) -> Document:
    """The objects of a file: an envelope, a bare list or one object, of any kind.

    A byte order mark and repeated names are told in `findings`. Raises CdsReadError when the file
    is too large, no UTF-8, no JSON, nested too deep, encrypted, or holds nothing of CDS.
    """
    if len(content) > max_bytes:
        raise CdsReadError(
            CdsCode.TOO_LARGE,
            f"{len(content):,} bytes; at most {max_bytes:,} are read, so send pages of their own",
        )
    if content.startswith(_BOM):
        findings.tell(CdsCode.BYTE_ORDER_MARK, "", "begins with a byte order mark; it is skipped")
        content = content[len(_BOM) :]
    parsed, is_ambiguous = _parsed(content)
    if is_ambiguous:
        for pointer, found in ambiguous_objects(parsed):
            names = ", ".join(map(repr, found.names))
            findings.tell(
                CdsCode.DUPLICATE_KEY, pointer, f"{names} more than once; the last one holds", names
            )
    return Document(parts=_parts(parsed, findings), is_ambiguous=is_ambiguous)


def _parsed(content: bytes) -> tuple[Any, bool]:
    is_ambiguous = False

    def of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal is_ambiguous
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        is_ambiguous = True
        return Ambiguous(pairs)

    try:
        parsed = json.loads(
            content.decode("utf-8"),
            parse_float=Number,
            parse_int=Number,
            parse_constant=NotANumber,
            object_pairs_hook=of_pairs,
        )
    except UnicodeDecodeError as error:
        raise CdsReadError(
            CdsCode.NOT_UTF8, f"byte {error.start:,} is not UTF-8; send JSON in UTF-8"
        ) from error
    except json.JSONDecodeError as error:
        if _COMPACT_JWE.fullmatch(content.decode("utf-8").strip()):
            raise _encrypted() from error
        raise CdsReadError(CdsCode.NOT_JSON, f"not JSON: {error}; expected {_EXPECTED}") from error
    except RecursionError as error:
        raise _too_deep() from error
    if _depth(content) > MAX_NESTING:
        raise _too_deep()
    return parsed, is_ambiguous


def _depth(content: bytes) -> int:
    """Deepest level of valid JSON, counted on the characters outside of its strings."""
    text = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", content, flags=re.DOTALL)
    characters = np.frombuffer(text, dtype=np.uint8)
    opening = (characters == ord("{")) | (characters == ord("["))
    closing = (characters == ord("}")) | (characters == ord("]"))
    steps = opening.astype(np.int8) - closing.astype(np.int8)
    return int(np.cumsum(steps[steps != 0], dtype=np.int32).max(initial=0))


def _too_deep() -> CdsReadError:
    return CdsReadError(CdsCode.TOO_DEEP, f"lists and objects nested over {MAX_NESTING} levels")


def _encrypted() -> CdsReadError:
    return CdsReadError(
        CdsCode.ENCRYPTED,
        "the body is encrypted (JWE); decrypt it first, or have the grant's `jwk` detail removed",
    )


def ambiguous_objects(value: object, pointer: str = "") -> Iterator[tuple[str, Ambiguous]]:
    """Objects in which names repeat, with their pointers; walks everything below `value`."""
    if isinstance(value, dict):
        if isinstance(value, Ambiguous):
            yield pointer, value
        for name, member in value.items():
            yield from ambiguous_objects(member, f"{pointer}/{escaped(name)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from ambiguous_objects(member, f"{pointer}/{index}")


def _parts(parsed: object, findings: Findings) -> tuple[Part, ...]:
    if isinstance(parsed, list):
        return _parts_of_list(parsed)
    if not isinstance(parsed, dict):
        raise CdsReadError(
            CdsCode.NOT_CDS, f"the file is {type_name(parsed)}; expected {_EXPECTED}", value=parsed
        )
    if "ciphertext" in parsed:
        raise _encrypted()
    kind = _kind(parsed)
    if kind is not None:
        return (Part(kind=kind, objects=[parsed], pointer="", is_single=True),)
    listed = [kind for kind in CdsObjectKind if kind.value in parsed]
    if not listed:
        names = ", ".join(map(escaped, list(parsed)[:8])) or "nothing"
        raise CdsReadError(
            CdsCode.NOT_CDS, f"an object of {names[:200]}; expected {_EXPECTED}", value=parsed
        )
    for name in parsed.keys() - {"next", "previous", *CdsObjectKind}:
        findings.unknown_fields[f"envelope.{escaped(name)}"] += 1
    return tuple(_part_of_envelope(kind, parsed[kind.value]) for kind in listed)


def _part_of_envelope(kind: CdsObjectKind, objects: object) -> Part:
    pointer = f"/{kind.value}"
    if not isinstance(objects, list):
        raise CdsReadError(
            CdsCode.WRONG_TYPE,
            f"{kind.value} is {type_name(objects)}, not a list",
            pointer=pointer,
            value=objects,
        )
    return Part(kind=kind, objects=objects, pointer=pointer)


def _parts_of_list(objects: list[Any]) -> tuple[Part, ...]:
    """A bare list: its kind is that of the first object that tells its own."""
    kinds = (kind for item in objects if isinstance(item, dict) if (kind := _kind(item)))
    kind = next(kinds, None)
    if kind is None:
        if not objects:
            return ()
        raise CdsReadError(
            CdsCode.NOT_CDS, f"a list without any object that has an id; expected {_EXPECTED}"
        )
    return (Part(kind=kind, objects=objects, pointer=""),)


def _kind(members: dict[str, Any]) -> CdsObjectKind | None:
    return next((kind for kind, name in CDS_ID_FIELDS.items() if name in members), None)
