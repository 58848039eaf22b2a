"""Any split, order, repetition or interleaving of the same records gives the same table."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.live_gateway import LiveGateway, live_gateway, record

CLIENTS = 4
EXAMPLE = count()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with live_gateway(tmp_path_factory.mktemp("gateway"), gateway_seal_seconds=0.2) as running:
        yield running


Sent = list[list[tuple[int, int]]]
"""Batches of (number of a key, value)."""

KEYS = st.integers(0, 12)
ONE_VALUE_A_KEY = st.lists(
    st.lists(KEYS.map(lambda key: (key, key)), min_size=1, max_size=15), min_size=1, max_size=12
)
VALUES_THAT_DIFFER = st.lists(
    st.lists(st.tuples(KEYS, st.integers(0, 2)), min_size=1, max_size=15), min_size=1, max_size=12
)


def send(gateway: LiveGateway, batches: Sent, *, with_keys: bool) -> tuple[Counter[str], str]:
    """Sends the batches from several clients at once; counters in all, and the keys' prefix."""
    example = next(EXAMPLE)
    prefix = f"example{example}"
    # Records without keys need intervals that no other example has.
    day = date(2020, 1, 1) + timedelta(days=example)

    def post(batch: list[tuple[int, int]]) -> dict[str, Any]:
        answer = gateway.post(
            *(
                record(
                    timestamp_utc=f"{day}T{key:02d}:00:00Z",
                    value=value,
                    idempotency_key=f"{prefix}-{key}" if with_keys else ...,
                )
                for key, value in batch
            ),
            headers={"X-Request-ID": prefix},
        )
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        counted = found["ingested"] + found["skipped_duplicate"] + found["failed"]
        assert counted == len(batch)
        indexes = [error["index"] for error in found["errors"]]
        assert indexes == sorted(set(indexes))
        assert len(indexes) == found["skipped_duplicate"] + found["failed"]
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(post, batches))
    names = ("ingested", "skipped_duplicate", "failed")
    return Counter({name: sum(answer[name] for answer in answers) for name in names}), prefix


def stored(gateway: LiveGateway, prefix: str) -> list[tuple[int, int]]:
    """Hour and value of what the pipeline is told to take."""
    found = []
    for line in gateway.landed():
        if line["receipt"]["request_id"] != prefix:
            continue
        refused = {one["index"] for one in line["verdict"]["failed"]} | set(
            line["verdict"]["skipped"]
        )
        found += [
            (int(one["timestamp_utc"][11:13]), one["value"])
            for index, one in enumerate(line["body"]["records"])
            if index not in refused
        ]
    return found


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batches=ONE_VALUE_A_KEY, with_keys=st.booleans())
def test_the_same_records_however_they_are_sent_are_stored_once(
    gateway: LiveGateway, batches: Sent, with_keys: bool
) -> None:
    sent = [one for batch in batches for one in batch]
    counters, prefix = send(gateway, batches, with_keys=with_keys)
    assert sorted(stored(gateway, prefix)) == sorted(set(sent))
    assert counters == Counter(
        ingested=len(set(sent)), skipped_duplicate=len(sent) - len(set(sent)), failed=0
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batches=VALUES_THAT_DIFFER, with_keys=st.booleans())
def test_of_several_payloads_for_a_key_the_first_stays(
    gateway: LiveGateway, batches: Sent, with_keys: bool
) -> None:
    sent = Counter(one for batch in batches for one in batch)
    counters, prefix = send(gateway, batches, with_keys=with_keys)
    kept = dict(stored(gateway, prefix))
    assert len(stored(gateway, prefix)) == len(kept) == len({key for key, _ in sent})
    repeated = sum(times for one, times in sent.items() if kept[one[0]] == one[1]) - len(kept)
    assert counters == Counter(
        ingested=len(kept),
        skipped_duplicate=repeated,
        failed=sent.total() - len(kept) - repeated,
    )
