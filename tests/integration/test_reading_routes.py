"""Reading back over HTTP: one's own only, exact numbers, errors that say what is expected."""

import asyncio
import csv
import io
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import orjson
import pytest

from cei_assets.gateway.app import create_app
from cei_assets.gateway.services import Services
from cei_assets.gateway.state.tokens import Scope, create_token
from cei_assets.settings import Settings
from tests.accepted_readings import Version, accepted_in, at

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
AS_OF = "2026-11-21T12:10:00Z"
FIRST = at("2026-11-20T12:00")
RECEIVED = at("2026-11-21T12:05")
PRESS = ("0.000000001", "999999.999999999", "0", "100", "12.5")
PUBLISHED = (
    *(
        Version(start=FIRST + timedelta(hours=number), kwh="0.1", received=RECEIVED)
        for number in range(24)
        if number != 5
    ),
    *(
        Version(meter="press", start=FIRST + timedelta(hours=number), kwh=kwh, received=RECEIVED)
        for number, kwh in enumerate(PRESS)
    ),
    Version(site="works", start=FIRST, kwh="7", received=RECEIVED),
)


class Reader:
    """A client with a token of each organization for each purpose."""

    def __init__(
        self, client: httpx.AsyncClient, services: Services, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._client = client
        self._loop = loop
        self._services = services
        self._tokens: dict[tuple[str, Scope], str] = {}

    def token(self, organization: str, scope: Scope) -> str:
        now = self._services.wall_clock().replace(tzinfo=None)
        key = organization, scope
        if key not in self._tokens:
            self._tokens[key] = create_token(
                self._services.state,
                name=organization,
                organization_id=organization,
                scopes=frozenset({scope}),
                expires_at=now + timedelta(days=1),
                now=now,
                requests_per_minute=10_000,
            ).secret
        return self._tokens[key]

    def get(
        self,
        path: str,
        *,
        organization: str = "acme",
        scope: Scope = Scope.READ,
        as_of: str | None = AS_OF,
        **parameters: str | int,
    ) -> httpx.Response:
        when = {} if as_of is None else {"as_of": as_of}
        return self._answer(
            self._client.get(
                f"/api/v1/{path}",
                params={**when, **parameters},
                headers={"Authorization": f"Bearer {self.token(organization, scope)}"},
            )
        )

    def send(self, *records: dict[str, object]) -> dict[str, Any]:
        answer = self._answer(
            self._client.post(
                "/api/v1/timeseries/batch",
                json={"records": list(records)},
                headers={"Authorization": f"Bearer {self.token('acme', Scope.INGEST)}"},
            )
        )
        assert answer.status_code == 200
        return dict(answer.json())

    def openapi(self) -> dict[str, Any]:
        return dict(self._answer(self._client.get("/api/v1/openapi.json")).json())

    def _answer(self, request: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        return self._loop.run_until_complete(request)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("gateway") / "data"
    accepted_in(folder).publish(PUBLISHED)
    app = create_app(Settings(data_dir=folder, as_of=NOW))
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://gateway.invalid"
    )
    with asyncio.Runner() as runner:
        life = app.router.lifespan_context(app)
        runner.run(life.__aenter__())
        yield Reader(client, app.state.services, runner.get_loop())
        runner.run(client.aclose())
        runner.run(life.__aexit__(None, None, None))


def test_summary_of_a_site_is_its_main_incomer_in_exact_numbers(reader: Reader) -> None:
    answer = reader.get("timeseries/summary", site_id="mill")
    assert answer.status_code == 200
    assert answer.json() == {
        "as_of_utc": "2026-11-21T12:10:00Z",
        "site_id": "mill",
        "meter_id": "main",
        "interval_seconds": 3600,
        "window_start_utc": "2026-11-20T12:00:00Z",
        "window_end_utc": "2026-11-21T12:00:00Z",
        "total_kwh": 2.3,
        "points": 23,
        "expected_points": 24,
        "completeness_percent": 100 * 23 / 24,
        "first_interval_utc": "2026-11-20T12:00:00Z",
        "last_interval_utc": "2026-11-21T11:00:00Z",
    }
    assert b'"total_kwh":2.3,' in answer.content
    press = reader.get("timeseries/summary", site_id="mill", meter_id="press")
    assert b'"total_kwh":1000112.5,' in press.content


def test_a_record_is_read_back_as_soon_as_it_is_acknowledged(reader: Reader) -> None:
    record = {
        "site_id": "plant",
        "meter_id": "main",
        "timestamp_utc": "2026-11-21T11:30:00Z",
        "value": 5.25,
    }
    assert reader.send(record, record | {"value": -1})["ingested"] == 1
    now = reader.get("timeseries/summary", as_of=None, site_id="plant", window_hours=1).json()
    assert (now["total_kwh"], now["completeness_percent"]) == (5.25, 100)
    feeds = reader.get("analytics/ingest-metrics", as_of=None).json()["meters"]
    plant = next(feed for feed in feeds if feed["site_id"] == "plant")
    assert plant["last_received_at_utc"] == "2026-11-21T12:30:00Z"
    assert plant["error_counts"] == {"INVALID_VALUE": 1}
    then = reader.get("timeseries/summary", site_id="plant", window_hours=1).json()
    assert (then["total_kwh"], then["points"]) == (None, 0)


@pytest.mark.parametrize("path", ["timeseries/summary", "timeseries/series", "timeseries/export"])
def test_what_is_not_ones_own_is_not_there(reader: Reader, path: str) -> None:
    answers = [
        reader.get(path, window_hours=24, **place)
        for place in (
            {"site_id": "works"},
            {"site_id": "works", "meter_id": "main"},
            {"site_id": "nowhere"},
            {"site_id": "mill", "meter_id": "none"},
            {"site_id": "\x00 "},
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    bodies = [answer.json() for answer in answers]
    assert {body.pop("request_id") for body in bodies} == {
        answer.headers["x-request-id"] for answer in answers
    }
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["code"] == "NOT_FOUND"


def test_another_organization_sees_its_own(reader: Reader) -> None:
    answer = reader.get("timeseries/summary", organization="other", site_id="works").json()
    assert answer["total_kwh"] == 7
    metrics = reader.get("analytics/ingest-metrics", organization="other").json()
    assert [feed["site_id"] for feed in metrics["meters"]] == ["works"]
    export = reader.get("timeseries/export", organization="other", window_hours=24).text
    assert [row["site_id"] for row in csv.DictReader(io.StringIO(export))] == ["works"]


@pytest.mark.parametrize(
    ("path", "parameters", "names"),
    [
        ("timeseries/summary", {}, "site_id"),
        ("timeseries/summary", {"site_id": "mill", "window_hours": 0}, "window_hours"),
        ("timeseries/summary", {"site_id": "mill", "window_hours": "x"}, "window_hours"),
        ("timeseries/summary", {"site_id": "mill", "as_of": "yesterday"}, "as_of"),
        ("timeseries/summary", {"site_id": "mill", "as_of": "2026-11-21T12:00:00"}, "as_of"),
        ("timeseries/summary", {"site_id": "mill", "as_of": "0001-01-01T00:00:00Z"}, "as_of"),
        ("timeseries/summary", {"site_id": "mill", "as_of": "2026-11-21T12:40:00Z"}, "as_of"),
        ("timeseries/series", {"site_id": "mill", "resolution": "week"}, "resolution"),
        (
            "timeseries/series",
            {"site_id": "mill", "resolution": "day", "window_hours": 30},
            "window_hours",
        ),
        ("timeseries/export", {}, "start_utc"),
        ("timeseries/export", {"start_utc": "2026-01-01T00:00:00Z"}, "end_utc"),
        (
            "timeseries/export",
            {"start_utc": "2026-01-01T00:00:00Z", "end_utc": "2026-01-01T00:00:00Z"},
            "end_utc",
        ),
        (
            "timeseries/export",
            {"start_utc": "2026-01-01T00:00:00Z", "window_hours": 24},
            "window_hours",
        ),
        ("analytics/ingest-metrics", {"window_hours": 25}, "window_hours"),
    ],
)
def test_wrong_parameters_are_named_with_what_is_expected(
    reader: Reader, path: str, parameters: dict[str, Any], names: str
) -> None:
    answer = reader.get(path, **parameters)
    assert answer.status_code == 422
    body = answer.json()
    assert set(body) == {"code", "message", "request_id", "detail"}
    assert [found["where"] for found in body["detail"]] == [f"query.{names}"]


def test_a_plus_sign_of_an_offset_need_not_be_escaped(reader: Reader) -> None:
    answer = reader.get("timeseries/summary", site_id="mill", as_of="2026-11-21T13:10:00 01:00")
    assert answer.json()["as_of_utc"] == AS_OF


def test_reading_needs_the_scope_read(reader: Reader) -> None:
    answer = reader.get("timeseries/summary", scope=Scope.INGEST, site_id="mill")
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


def test_series_has_every_hour_and_null_where_nothing_came(reader: Reader) -> None:
    answer = reader.get("timeseries/series", site_id="mill").json()
    assert (answer["meter_id"], answer["timezone"]) == ("main", "Europe/Rome")
    uses = [bucket["usage_kwh"] for bucket in answer["buckets"]]
    assert uses == [None if number == 5 else 0.1 for number in range(24)]
    assert answer["buckets"][5] == {
        "start_utc": "2026-11-20T17:00:00Z",
        "end_utc": "2026-11-20T18:00:00Z",
        "local_date": "2026-11-20",
        "usage_kwh": None,
        "points": 0,
        "expected_points": 1,
        "coverage": 0.0,
    }


def test_series_by_day_has_whole_days_of_the_site(reader: Reader) -> None:
    answer = reader.get(
        "timeseries/series", site_id="mill", resolution="day", window_hours=48
    ).json()
    assert [
        (bucket["local_date"], bucket["usage_kwh"], bucket["points"], bucket["expected_points"])
        for bucket in answer["buckets"]
    ] == [("2026-11-19", None, 0, 24), ("2026-11-20", 1.0, 10, 24)]
    assert answer["window_end_utc"] == "2026-11-20T23:00:00Z"


def test_export_has_every_digit_and_the_label_of_the_meter(reader: Reader) -> None:
    answer = reader.get("timeseries/export", site_id="mill", meter_id="press", window_hours=24)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines() == [
        "site_id,meter_id,timestamp_utc,value,unit",
        *(
            f"mill,press,2026-11-20T{13 + number}:00:00Z,{kwh},kWh"
            for number, kwh in enumerate(PRESS)
        ),
    ]


def test_export_of_a_stretch_takes_intervals_that_start_in_it(reader: Reader) -> None:
    answer = reader.get(
        "timeseries/export",
        site_id="mill",
        start_utc="2026-11-20T13:00:00Z",
        end_utc="2026-11-20T16:00:00+01:00",
    )
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["meter_id"], row["timestamp_utc"][11:13]) for row in rows] == [
        ("main", "13"),
        ("press", "14"),
        ("main", "14"),
        ("press", "15"),
    ]
    assert sum(Decimal(row["value"]) for row in rows) == Decimal("1000000.199999999")


def test_metrics_have_a_row_for_every_registered_meter(reader: Reader) -> None:
    answer = reader.get("analytics/ingest-metrics", window_hours=168).json()
    found = {(row["site_id"], row["meter_id"]): row for row in answer["meters"]}
    assert list(found) == [
        ("mill", "line"),
        ("mill", "main"),
        ("mill", "mute"),
        ("mill", "press"),
        ("plant", "main"),
    ]
    main = found["mill", "main"]
    assert (main["received_points"], main["expected_points"]) == (23, 168)
    assert (main["gap_hours"], main["longest_gap_hours"]) == (145, 144)
    assert found["mill", "line"]["expected_points"] == 4 * 168
    assert found["mill", "mute"]["completeness_percent"] == 0


def test_documentation_shows_numbers_and_examples(reader: Reader) -> None:
    document = reader.openapi()
    schemas = document["components"]["schemas"]
    total = schemas["SummaryAnswer"]["properties"]["total_kwh"]
    assert {"type": "number"} in total["anyOf"]
    for name in ("SummaryAnswer", "SeriesAnswer", "IngestMetricsAnswer"):
        (example,) = schemas[name]["examples"]
        assert set(example) == set(schemas[name]["properties"])
    content = document["paths"]["/api/v1/timeseries/export"]["get"]["responses"]["200"]["content"]
    assert list(content) == ["text/csv"]


def test_no_answer_holds_a_float_of_a_decimal(reader: Reader) -> None:
    answer = reader.get("timeseries/series", site_id="mill", meter_id="press", window_hours=24)
    assert b'"usage_kwh":1E-9' in answer.content or b'"usage_kwh":0.000000001' in answer.content
    assert b'"usage_kwh":999999.999999999' in answer.content
    assert orjson.loads(answer.content)["buckets"][2]["usage_kwh"] == 0
