"""Idempotency keys are bounded in length: a longer one refuses its record, and only that."""

import json

import pytest

from cei_assets.core.intake.batch_body import read_body
from cei_assets.core.intake.batch_judge import MAX_KEY_CHARACTERS, BatchJudge, JudgedBatch
from cei_assets.core.intake.verdict import Limits
from tests.intake_drops import NOW, REGISTER, in_memory, record

LONGEST = "k" * MAX_KEY_CHARACTERS
TOO_LONG = LONGEST + "k"
PROBLEM = "idempotency_key has 257 characters, over the limit of 256"


@pytest.fixture(scope="module")
def judge() -> BatchJudge:
    return BatchJudge(connection=in_memory(), register=REGISTER, limits=Limits(), year=NOW.year)


def judged(judge: BatchJudge, *records: object) -> JudgedBatch:
    body = read_body(json.dumps({"records": records}).encode())
    plain = judge.judge_plain(body, organization_id="acme", received_at=NOW)
    return judge.judge(body, organization_id="acme", received_at=NOW, plain=plain)


def test_the_longest_key_goes_in(judge: BatchJudge) -> None:
    batch = judged(judge, record(idempotency_key=LONGEST), record(idempotency_key="é" * 256))
    assert [one.position for one in batch.valid] == [0, 1]
    assert not batch.refused


def test_a_longer_key_refuses_its_record_only(judge: BatchJudge) -> None:
    good = record(idempotency_key="k")
    batch = judged(judge, good, record(idempotency_key=TOO_LONG), good)
    assert [one.position for one in batch.valid] == [0, 2]
    assert [(one.index, one.code, one.detail) for one in batch.refused] == [
        (1, "INVALID_VALUE", PROBLEM)
    ]


def test_a_longer_key_joins_the_other_problems_of_its_record(judge: BatchJudge) -> None:
    bad = record(idempotency_key=TOO_LONG, unit="MWh")
    batch = judged(judge, record(value=-1), record(idempotency_key=TOO_LONG), bad)
    assert [(one.index, one.code, one.detail) for one in batch.refused] == [
        (0, "INVALID_VALUE", "value -1 is negative"),
        (1, "INVALID_VALUE", PROBLEM),
        (2, "INVALID_UNIT", f"unit 'MWh' is not kWh; {PROBLEM}"),
    ]
    assert not batch.valid


@pytest.mark.parametrize("key", [[TOO_LONG], {"deep": TOO_LONG}], ids=["list", "object"])
def test_a_longer_key_of_another_type_is_refused_too(judge: BatchJudge, key: object) -> None:
    assert judged(judge, record(idempotency_key=key)).refused


def test_a_long_blank_key_counts_as_none(judge: BatchJudge) -> None:
    batch = judged(judge, record(idempotency_key=" " * 1000), record())
    assert batch.valid[0][1:] == batch.valid[1][1:]
