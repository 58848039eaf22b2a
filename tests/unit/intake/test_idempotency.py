"""Keys: whose they are, what they are made of when none is given, and slots that collide."""

import duckdb
import pytest

from cei_assets.core.intake.idempotency import (
    KeyedRecord,
    KeyLedger,
    KeyVerdict,
    derived_key,
    keyed,
)

PLACE = ("mill", "main", 1_790_000_000, 41_250_000_000)
LAST = 2**63 - 1


def record(slot: int, tag: int, payload: int) -> KeyedRecord:
    return KeyedRecord(position=0, slot=slot, tag=tag, payload=payload)


def numbers(**fields: object) -> tuple[int, int, int]:
    made = keyed(
        **({"position": 0, "organization_id": "acme", "key": "k", "place": PLACE} | fields)
    )
    return made.slot, made.tag, made.payload


@pytest.mark.parametrize(
    "fields",
    [
        {"organization_id": "other"},
        {"key": "k "},
        {"key": None},
        {"organization_id": "acm", "key": "ek"},
    ],
)
def test_another_key_has_other_numbers(fields: dict[str, object]) -> None:
    assert numbers(**fields)[:2] != numbers()[:2]
    assert numbers(**fields)[2] == numbers()[2]


@pytest.mark.parametrize("position", range(4))
def test_another_payload_has_another_digest(position: int) -> None:
    other = list(PLACE)
    other[position] = "x" if position < 2 else other[position] + 1
    assert numbers(place=tuple(other))[:2] == numbers()[:2]
    assert numbers(place=tuple(other))[2] != numbers()[2]


def test_texts_that_only_join_alike_differ() -> None:
    assert (
        numbers(place=("mil", "lmain", *PLACE[2:]))[2]
        != numbers(place=("mill", "main", *PLACE[2:]))[2]
    )


def test_a_key_that_is_not_given_is_that_of_the_warehouse() -> None:
    sql = (
        "SELECT concat_ws('|', 'acme', 'mill', 'main', "
        "strftime(make_timestamp(1790000000000000), '%Y-%m-%dT%H:%M:%SZ'))"
    )
    row = duckdb.sql(sql).fetchall()
    assert derived_key("acme", "mill", "main", 1_790_000_000) == row[0][0]
    assert numbers(key=None) == numbers(key=row[0][0])


def test_new_duplicate_conflict() -> None:
    ledger = KeyLedger({5: (50, 500)}, find=lambda _: None)
    assert ledger.judge(record(5, 50, 500)) is KeyVerdict.DUPLICATE
    assert ledger.judge(record(5, 50, 501)) is KeyVerdict.CONFLICT
    assert ledger.judge(record(6, 60, 600)) is KeyVerdict.NEW
    assert ledger.judge(record(6, 60, 600)) is KeyVerdict.DUPLICATE
    assert ledger.added == [(6, 60, 600)]


@pytest.mark.parametrize(("slot", "following"), [(5, 6), (LAST, -LAST - 1)])
def test_a_slot_that_another_key_holds_leads_to_the_next(slot: int, following: int) -> None:
    ledger = KeyLedger({slot: (1, 1)}, find=lambda _: None)
    assert ledger.judge(record(slot, 2, 2)) is KeyVerdict.NEW
    assert ledger.added == [(following, 2, 2)]
    assert ledger.judge(record(slot, 2, 2)) is KeyVerdict.DUPLICATE
    assert ledger.judge(record(slot, 1, 1)) is KeyVerdict.DUPLICATE


def test_a_key_that_moved_on_earlier_is_found_again() -> None:
    stored = {6: (2, 2), 7: (3, 3)}
    ledger = KeyLedger({5: (1, 1)}, find=stored.get)
    assert ledger.judge(record(5, 2, 2)) is KeyVerdict.DUPLICATE
    assert ledger.judge(record(5, 3, 9)) is KeyVerdict.CONFLICT
    assert ledger.judge(record(5, 4, 4)) is KeyVerdict.NEW
    assert ledger.added == [(8, 4, 4)]
