"""Idempotency keys: which records are new, which repeat one that is stored (ingest API, code 7)."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from struct import Struct
from typing import NamedTuple

_WORD = 8
_TWO_NUMBERS = Struct("<2q")
_NUMBER = Struct("<q")
_LARGEST_SLOT = 2**63 - 1


class KeyedRecord(NamedTuple):
    """A valid record of a batch, by its position there, with its key: three signed 64-bit numbers.

    `slot` is where the key is looked for first, `tag` tells it from other keys of the same slot,
    `payload` is the digest of site, meter, interval and energy.
    """

    position: int
    slot: int
    tag: int
    payload: int


class KeyVerdict(Enum):
    """What a key says of its record."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


StoredKey = tuple[int, int]
"""Tag and payload of a stored key."""


def keyed(
    *, position: int, organization_id: str, key: str | None, place: tuple[str, str, int, int]
) -> KeyedRecord:
    """A record with its key's numbers; `place` is site, meter, start in UTC seconds, 10^-9 kWh.

    A key belongs to an organization. Without one it is derived from organization, site, meter and
    interval, as `int_readings_received` in dbt derives it.
    """
    site_id, meter_id, start, nano_kwh = place
    text = key or derived_key(organization_id, site_id, meter_id, start)
    owned = f"{len(organization_id)}|{organization_id}{text}".encode()
    said = f"{len(site_id)}|{site_id}{len(meter_id)}|{meter_id}{start}|{nano_kwh}".encode()
    slot, tag = _TWO_NUMBERS.unpack(hashlib.blake2b(owned, digest_size=2 * _WORD).digest())
    (payload,) = _NUMBER.unpack(hashlib.blake2b(said, digest_size=_WORD).digest())
    return KeyedRecord(position, slot, tag, payload)


def derived_key(organization_id: str, site_id: str, meter_id: str, start: int) -> str:
    """The key of a record without one; `start` is in seconds of UTC since 1970."""
    moment = datetime.fromtimestamp(start, tz=UTC)
    return f"{organization_id}|{site_id}|{meter_id}|{moment:%Y-%m-%dT%H:%M:%SZ}"


class KeyLedger:
    """Keys that a run of batches meets, in their order: stored ones, and those it adds itself.

    `stored` are the keys found under the records' slots, `find` looks up any other slot. A slot
    that another key holds leads to the next one; keys are never removed.
    """

    def __init__(
        self, stored: dict[int, StoredKey], *, find: Callable[[int], StoredKey | None]
    ) -> None:
        self._held = stored
        self._find = find
        self._looked_up: set[int] = set()
        self.added: list[tuple[int, int, int]] = []

    def judge(self, record: KeyedRecord) -> KeyVerdict:
        """What the record's key says; a new key is held from now on."""
        slot = record.slot
        held = self._held.get(slot)
        while held is not None and held[0] != record.tag:
            slot = slot + 1 if slot < _LARGEST_SLOT else -_LARGEST_SLOT - 1
            held = self._at(slot)
        if held is None:
            self._held[slot] = (record.tag, record.payload)
            self.added.append((slot, record.tag, record.payload))
            return KeyVerdict.NEW
        return KeyVerdict.DUPLICATE if held[1] == record.payload else KeyVerdict.CONFLICT

    def _at(self, slot: int) -> StoredKey | None:
        if slot not in self._held and slot not in self._looked_up:
            self._looked_up.add(slot)
            found = self._find(slot)
            if found is not None:
                self._held[slot] = found
        return self._held.get(slot)


def slots_of(batches: Iterable[Sequence[KeyedRecord]]) -> list[int]:
    """The distinct slots of records, rising."""
    return sorted({record.slot for records in batches for record in records})
