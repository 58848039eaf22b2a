"""The mock server itself: every body against the field tables, filters, order, paging."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from urllib.parse import quote_plus

import httpx
import pytest

from tests.cds_field_tables import OBJECTS, fields, violations
from tests.cds_mock_bodies import customer, segment, trimmed
from tests.cds_mock_listing import BadFilterError, listed
from tests.cds_mock_server import CLIENT_ID, SECRET, USAGE_SCOPE, CdsMock

DIALECTS = ("A", "B", "C")


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


def bearer(web: httpx.Client, mock: CdsMock) -> dict[str, str]:
    user = httpx.BasicAuth(quote_plus(CLIENT_ID), quote_plus(SECRET))
    form = {"grant_type": "client_credentials", "scope": USAGE_SCOPE}
    given = web.post(f"{mock.url}/token", auth=user, data=form).raise_for_status().json()
    return {"Authorization": f"Bearer {given['access_token']}"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_body_fulfils_the_field_tables(web: httpx.Client, dialect: str) -> None:
    with CdsMock(dialect=dialect) as mock:
        headers = bearer(web, mock)
        for table in OBJECTS:
            url = f"{mock.url}/api/customerdata/v1/{table}"
            content = web.get(url, headers=headers).raise_for_status().json()
            assert content[table], table
            assert violations(content, table, dialect) == []
        assert mock.violations == []


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("table", OBJECTS)
def test_the_tables_find_what_is_not_allowed(dialect: str, table: str) -> None:
    good = {table: customer(dialect)[table][:1], "next": None}
    assert violations(good, table, dialect) == []
    for field in fields(table, dialect).values():
        for change in ("drop", "null", "wrong"):
            bad = deepcopy(good)
            body = bad[table][0]
            if change == "drop":
                body.pop(field.name, None)
            else:
                body[field.name] = None if change == "null" else {"no": "such value"}
            allowed = not field.is_required if change == "drop" else field.is_nullable
            if change == "wrong":
                allowed = field.kind == "object"
            if table == "usage_segments" and field.name in {"format", "formats", "values"}:
                continue
            assert (violations(bad, table, dialect) == []) == allowed, (field, change)
    good[table][0]["surprise"] = 1
    assert violations(good, table, dialect) == [f"{table}/0/surprise: unknown in {dialect}"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda body: body["values"][0].pop(), "5 slots for 6 formats"),
        (lambda body: body["values"][0][0].update(eu="1.5"), "is not decimal"),
        (lambda body: body["values"][0][0].update(v=1), "unknown in electric_usage"),
        (lambda body: body["formats"][0].pop("units"), "units: required"),
        (lambda body: body["formats"][0].update(quality="good"), "is not enum:quality"),
        (lambda body: body["formats"].__setitem__(0, "usage_kwh"), "no format of C"),
    ],
)
def test_the_tables_know_formats_and_values(change: object, says: str) -> None:
    body = segment("C", 1, null_slots=(3,))
    assert violations({"usage_segments": [body]}, "usage_segments", "C") == []
    change(body)  # type: ignore[operator]  # a lambda of the table above
    assert says in "".join(violations({"usage_segments": [body]}, "usage_segments", "C"))


def test_windows_take_what_overlaps_or_touches_with_both_edges() -> None:
    store = customer(meters=1, days=3)

    def ids(**window: str) -> list[str]:
        found = listed(store, "usage_segments", window)
        return [body["cds_usagesegment_id"] for body in found]

    second = {"after": "2026-01-02T10:00:00Z", "before": "2026-01-02T11:00:00Z"}
    assert ids(**second) == ["use-1-1"]
    edge = {"after": "2026-01-02T00:00:00Z", "before": "2026-01-02T00:00:00Z"}
    assert ids(**edge) == ["use-1-0", "use-1-1"]
    assert ids(before="2025-12-31T23:59:59Z") == []
    assert ids(after="2026-01-04T00:00:01Z") == []


def test_filters_intersect_and_a_parameter_may_hold_several_values() -> None:
    store = customer(meters=3, days=1)
    by_two = {"cds_servicecontract_ids": "con-1 con-2"}
    assert len(listed(store, "usage_segments", by_two)) == 2
    assert len(listed(store, "usage_segments", by_two | {"meter_numbers": "M-2"})) == 1
    assert len(listed(store, "usage_segments", {"account_numbers": "7001-A"})) == 3
    previous = listed(store, "meter_devices", {"previous_servicepoints": "pnt-1"})
    assert [body["cds_meterdevice_id"] for body in previous] == ["met-1"]
    with pytest.raises(BadFilterError):
        listed(store, "usage_segments", {"modified_after": "2026-01-01T00:00:00Z"})


def test_a_trimmed_segment_has_a_new_id_and_only_whole_intervals() -> None:
    body = segment("C", 1, hours=4)
    cut = trimmed(
        body,
        since=datetime(2026, 1, 1, 0, 30, tzinfo=UTC),
        until=datetime(2026, 1, 1, 3, tzinfo=UTC),
    )
    assert cut["cds_usagesegment_id"] == "use-1-0-trimmed"
    assert (cut["segment_start"], cut["segment_end"]) == (
        "2026-01-01T01:00:00Z",
        "2026-01-01T03:00:00Z",
    )
    assert len(cut["values"]) == 2
    assert violations({"usage_segments": [cut]}, "usage_segments", "C") == []


def test_pages_hold_up_to_the_cut_and_next_ends(web: httpx.Client) -> None:
    with CdsMock(store=customer(meters=250, days=1, hours=1)) as mock:
        headers = bearer(web, mock)
        url, sizes = f"{mock.url}/api/customerdata/v1/usage_segments", []
        while url:
            content = web.get(url, headers=headers).raise_for_status().json()
            sizes.append(len(content["usage_segments"]))
            url = content["next"]
        assert sizes == [100, 100, 50]
        mock.page_size = 240
        content = web.get(f"{mock.url}/api/customerdata/v1/usage_segments", headers=headers)
        assert len(content.json()["usage_segments"]) == 240


def test_a_cursor_with_other_parameters_is_refused(web: httpx.Client) -> None:
    with CdsMock(store=customer(meters=150, days=1, hours=1)) as mock:
        headers = bearer(web, mock)
        url = f"{mock.url}/api/customerdata/v1/usage_segments"
        following = web.get(url, headers=headers).json()["next"]
        assert web.get(following, headers=headers).status_code == 200
        assert web.get(f"{following}&after=2026-01-01", headers=headers).status_code == 400


def test_registration_of_dialect_b_names_the_endpoints(web: httpx.Client) -> None:
    with CdsMock(dialect="B", endpoints_in="registration") as mock:
        given = web.post(f"{mock.url}/register", json={}).json()
        assert given["cds_usagesegments_api"].startswith(mock.url)
        assert "cds_usagesegments_api" not in json.dumps(web.get(f"{mock.url}/oauth").json())
