"""The batch API over real HTTP: codes, precedence, counters, what is kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from cei_assets.gateway.state.tokens import Scope
from tests.live_gateway import BATCH, LiveGateway, live_gateway, record


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with live_gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


def test_the_guides_one_off_test(tmp_path: Path) -> None:
    with live_gateway(tmp_path) as fresh:
        answer = fresh.post(record())
    assert answer.status_code == 200
    assert answer.text == '{"ingested":1,"skipped_duplicate":0,"failed":0,"errors":[]}'


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"site_id": ...}, "UNKNOWN_SITE"),
        ({"site_id": "  "}, "UNKNOWN_SITE"),
        ({"site_id": 7}, "UNKNOWN_SITE"),
        ({"site_id": "nowhere"}, "UNKNOWN_SITE"),
        ({"site_id": "works"}, "ORG_MISMATCH"),
        ({"meter_id": ...}, "UNKNOWN_METER"),
        ({"meter_id": ""}, "UNKNOWN_METER"),
        ({"meter_id": ["main"]}, "UNKNOWN_METER"),
        ({"meter_id": "nothing"}, "UNKNOWN_METER"),
        ({"unit": "MWh"}, "INVALID_UNIT"),
        ({"unit": 5}, "INVALID_UNIT"),
        ({"timestamp_utc": ...}, "INVALID_TIMESTAMP"),
        ({"timestamp_utc": "yesterday"}, "INVALID_TIMESTAMP"),
        ({"timestamp_utc": "2026-11-20T10:00:00"}, "INVALID_TIMESTAMP"),
        ({"timestamp_utc": "2026-11-21T13:00:00Z"}, "INVALID_TIMESTAMP"),
        ({"timestamp_utc": "2016-11-20T10:00:00Z"}, "INVALID_TIMESTAMP"),
        ({"timestamp_utc": "2026-11-20T11:17:23Z"}, "INVALID_TIMESTAMP"),
        ({"timestamp_utc": "2026-02-30T10:00:00Z"}, "INVALID_TIMESTAMP"),
        ({"value": ...}, "INVALID_VALUE"),
        ({"value": None}, "INVALID_VALUE"),
        ({"value": True}, "INVALID_VALUE"),
        ({"value": "41.25"}, "INVALID_VALUE"),
        ({"value": -0.001}, "INVALID_VALUE"),
        ({"value": 1_000_000.000001}, "INVALID_VALUE"),
        ({"site_id": "nowhere", "value": -1, "unit": "MWh"}, "UNKNOWN_SITE"),
        ({"unit": "MWh", "timestamp_utc": "x", "value": -1}, "INVALID_UNIT"),
        ({"timestamp_utc": "x", "value": -1}, "INVALID_TIMESTAMP"),
    ],
)
def test_a_record_has_the_code_of_the_first_rule_that_applies(
    gateway: LiveGateway, fields: dict[str, object], code: str
) -> None:
    answer = gateway.post(record(**fields)).json()
    assert (answer["ingested"], answer["skipped_duplicate"], answer["failed"]) == (0, 0, 1)
    assert [(error["index"], error["code"]) for error in answer["errors"]] == [(0, code)]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_a_number_that_is_none_fails_its_record_only(gateway: LiveGateway, value: str) -> None:
    good = json.dumps(record(idempotency_key=f"beside {value[:9]}"))
    bad = json.dumps(record(value="?")).replace('"?"', value)
    answer = gateway.post(content=f'{{"records": [{bad}, {good}]}}'.encode())
    assert answer.status_code == 200, answer.text
    assert answer.json()["ingested"] == 1
    assert answer.json()["errors"][0]["code"] == "INVALID_VALUE"


def test_the_detail_joins_all_problems_of_a_record(gateway: LiveGateway) -> None:
    answer = gateway.post(record(unit="MWh", timestamp_utc="x", value=-1)).json()
    (error,) = answer["errors"]
    assert error["detail"].split("; ") == [
        "unit 'MWh' is not kWh",
        "timestamp_utc 'x' is not ISO 8601 such as 2026-01-31T13:00:00Z",
        "value -1 is negative",
    ]


def test_a_site_of_another_organization_reads_like_an_unknown_one(gateway: LiveGateway) -> None:
    foreign, unknown = (
        gateway.post(record(site_id=site, meter_id="x")).json()["errors"][0]["detail"]
        for site in ("works", "nowhere")
    )
    assert foreign.replace("works", "nowhere") == unknown


@pytest.mark.parametrize(
    ("fields", "meter_id", "start"),
    [
        ({"timestamp_utc": "2026-11-20T12:00:00+01:00"}, "main", "2026-11-20T11:00:00Z"),
        ({"timestamp_utc": "2026-11-20T13:00:00.000Z"}, "main", "2026-11-20T13:00:00Z"),
        ({"unit": " KWH "}, "main", "2026-11-20T14:00:00Z"),
        ({"unit": None}, "main", "2026-11-20T15:00:00Z"),
        ({"value": 1e-3}, "main", "2026-11-20T16:00:00Z"),
        ({"value": 1_000_000}, "main", "2026-11-20T17:00:00Z"),
        ({"value": 0}, "main", "2026-11-20T18:00:00Z"),
        ({"unknown": {"deep": [1]}}, "main", "2026-11-20T19:00:00Z"),
        ({}, "quarter", "2026-11-20T19:45:00Z"),
    ],
)
def test_what_is_unusual_but_right_goes_in(
    gateway: LiveGateway, fields: dict[str, object], meter_id: str, start: str
) -> None:
    sent = record(**({"meter_id": meter_id, "timestamp_utc": start} | fields))
    answer = gateway.post(sent)
    assert answer.json() == {"ingested": 1, "skipped_duplicate": 0, "failed": 0, "errors": []}


def test_a_key_counts_once_for_an_organization(gateway: LiveGateway) -> None:
    first = record(idempotency_key="k1", timestamp_utc="2026-10-01T00:00:00Z")
    assert gateway.post(first).json()["ingested"] == 1
    again = gateway.post(first, first).json()
    assert (again["ingested"], again["skipped_duplicate"], again["failed"]) == (0, 2, 0)
    assert [error["index"] for error in again["errors"]] == [0, 1]
    other = gateway.post(first | {"value": 9}, first | {"meter_id": "ending"}).json()
    assert (other["ingested"], other["skipped_duplicate"], other["failed"]) == (0, 0, 2)
    assert {error["code"] for error in other["errors"]} == {"DUPLICATE_IDEMPOTENCY_KEY"}
    theirs = gateway.post(
        record(idempotency_key="k1", site_id="works"),
        token=gateway.token_for(organization_id="other"),
    )
    assert theirs.json()["ingested"] == 1


def test_a_key_may_be_repeated_within_a_batch(gateway: LiveGateway) -> None:
    one = record(idempotency_key="k2", timestamp_utc="2026-10-02T00:00:00Z")
    answer = gateway.post(one, one, one | {"value": 3}, record(value=-1)).json()
    assert (answer["ingested"], answer["skipped_duplicate"], answer["failed"]) == (1, 1, 2)
    assert [error["index"] for error in answer["errors"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("key", "hour"),
    [(None, 1), ("", 2), ("   ", 3), ("\u2003", 4), (..., 5)],
    ids=["null", "empty", "blank", "wide blank", "absent"],
)
def test_without_a_key_the_interval_is_the_key(
    gateway: LiveGateway, key: object, hour: int
) -> None:
    one = record(idempotency_key=key, timestamp_utc=f"2026-09-01T0{hour}:00:00Z")
    assert gateway.post(one).json()["ingested"] == 1
    assert gateway.post(one).json()["skipped_duplicate"] == 1
    assert gateway.post(one | {"value": 2}).json()["failed"] == 1


def test_a_new_key_for_a_known_hour_is_a_revision(gateway: LiveGateway) -> None:
    one = record(idempotency_key="r1", timestamp_utc="2026-10-03T00:00:00Z")
    corrected = one | {"idempotency_key": "r2", "value": 50}
    assert gateway.post(one, corrected).json()["ingested"] == 2


def test_the_same_number_written_otherwise_is_the_same_payload(gateway: LiveGateway) -> None:
    one = record(idempotency_key="n1", timestamp_utc="2026-10-04T00:00:00Z", value=2)
    gateway.post(one)
    assert gateway.post(one | {"value": 2.0}).json()["skipped_duplicate"] == 1
    offset = one | {"timestamp_utc": "2026-10-04T02:00:00+02:00"}
    assert gateway.post(offset).json()["skipped_duplicate"] == 1


def test_statuses_apply_in_their_order(gateway: LiveGateway) -> None:
    many = orjson.dumps({"records": [{}] * 10_001})
    reader = gateway.token_for(scopes=frozenset({Scope.READ}))
    slow = gateway.token_for(requests_per_minute=1)
    assert gateway.post(record(timestamp_utc="2026-10-05T00:00:00Z"), token=slow).status_code == 200
    expected = [
        (413, many, "wrong"),
        (413, b"x" * 10_000_001, "wrong"),
        (401, b"no json", "wrong"),
        (403, b"no json", reader),
        (429, b"no json", slow),
        (422, b"no json", None),
    ]
    for status, content, token in expected:
        answer = gateway.post(content=content, token=token)
        assert answer.status_code == status, answer.text
        assert set(answer.json()) == {"code", "message", "request_id", "detail"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"records": {}}',
        b'{"records": []}',
        b'{"records": null}',
        b"\xff\xfe{}",
        b'{"records": ' + b"[" * 100_000,
    ],
    ids=[
        "nothing",
        "cut off",
        "list",
        "number",
        "null",
        "no records",
        "records is an object",
        "records is empty",
        "records is null",
        "not UTF-8",
        "deep",
    ],
)
def test_what_is_no_batch_is_422(gateway: LiveGateway, content: bytes) -> None:
    answer = gateway.post(content=content)
    assert answer.status_code == 422
    assert answer.json()["code"] == "INVALID_BODY"


def test_over_the_rate_tells_when_to_come_back(gateway: LiveGateway) -> None:
    token = gateway.token_for(requests_per_minute=2)
    statuses = [gateway.post(record(value=-1), token=token).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = gateway.post(record(), token=token)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        (b"abc-1.2:3_4", True),
        (b"a" * 128, True),
        (b"a" * 129, False),
        (b"a b", False),
        (b"\xe9", False),
        (b"", False),
    ],
    ids=["safe", "longest", "too long", "blank", "not ascii", "empty"],
)
def test_the_request_id_is_echoed_when_it_is_safe(
    gateway: LiveGateway, given: bytes, is_kept: bool
) -> None:
    answer = httpx.post(gateway.url + BATCH, headers=[(b"x-request-id", given)])
    assert (answer.headers["x-request-id"].encode() == given) is is_kept
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_bearer_token_in_the_query_is_not_looked_at(gateway: LiveGateway) -> None:
    answer = httpx.post(f"{gateway.url}{BATCH}?access_token={gateway.token.secret}", content=b"{}")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_what_was_answered_is_in_the_journal(tmp_path: Path) -> None:
    with live_gateway(tmp_path) as fresh:
        one = record(idempotency_key="a")
        fresh.post(one, one, record(value=-1), headers={"X-Request-ID": "r-1"})
        (line,) = fresh.landed()
        token_id = fresh.token.token.token_id
    assert line["receipt"] == {
        "request_id": "r-1",
        "organization_id": "acme",
        "token_id": token_id,
        "received_at_utc": "2026-11-21T12:00:00Z",
    }
    assert line["verdict"]["skipped"] == [1]
    assert [(one["index"], one["code"]) for one in line["verdict"]["failed"]] == [
        (2, "INVALID_VALUE")
    ]
    assert line["body"] == {"records": [one, one, record(value=-1)]}


def test_a_stop_hands_the_journal_to_the_pipeline(tmp_path: Path) -> None:
    with live_gateway(tmp_path) as fresh:
        fresh.post(record())
        assert not list(fresh.settings.paths.landing("cei_api").iterdir())
    (landed,) = fresh.settings.paths.landing("cei_api").iterdir()
    assert len(landed.read_bytes().splitlines()) == 1
    assert not list(fresh.settings.paths.journal.iterdir())


def test_keys_outlive_a_restart(tmp_path: Path) -> None:
    one = record(idempotency_key="a")
    with live_gateway(tmp_path) as fresh:
        assert fresh.post(one).json()["ingested"] == 1
    with live_gateway(tmp_path) as again:
        assert again.post(one).json()["skipped_duplicate"] == 1
