"""The pull against the mock server: discovery, tokens, pages, windows, and every fault."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.judge import judge_cds
from cei_assets.pull.problem import (
    AccessLostError,
    BodyError,
    EncryptedBodyError,
    PagingError,
    PullError,
    RefusedError,
    ServersFileError,
    UnreachableError,
)
from cei_assets.pull.web import Patience
from cei_assets.pull.windows import WindowName
from tests.cds_field_tables import OBJECTS
from tests.cds_mock_bodies import START, customer, segment
from tests.cds_mock_server import CLIENT_SCOPE, GRANT_SCOPE, SECRET, CdsMock, Grant
from tests.cds_pulls import Site

USAGE_ONLY = ["usage_segments"]


@pytest.fixture
def mock() -> Iterator[CdsMock]:
    with CdsMock() as server:
        yield server
        assert server.violations == []


@pytest.fixture
def site(mock: CdsMock, tmp_path: Path) -> Site:
    return Site(mock=mock, root=tmp_path)


@pytest.fixture
def many(site: Site) -> Site:
    """Usage of 250 meters: three pages of usage."""
    site.mock.store = customer(meters=250, days=1, hours=1)
    site.write(objects=USAGE_ONLY)
    return site


def usage_ids(site: Site) -> list[str]:
    return [body["cds_usagesegment_id"] for body in site.objects("usage_segments")]


def refuses(site: Site, kind: type[PullError], *, says: str) -> str:
    """The pull fails so, nothing has landed, and no secret or token is told."""
    with pytest.raises(kind, match=says) as caught:
        site.pull()
    assert site.landed() == {}
    text = str(caught.value)
    assert SECRET not in text
    assert "tok-" not in text
    return text


@pytest.mark.parametrize(
    ("dialect", "endpoints_in", "endpoint_keys"),
    [
        ("A", "registration", "specified"),
        ("A", "oauth", "sandbox"),
        ("B", "registration", "specified"),
        ("B", "registration", "sandbox"),
        ("C", "oauth", "specified"),
        ("C", "client", "specified"),
        ("C", "client", "sandbox"),
    ],
)
def test_all_objects_land_as_they_were_sent(
    dialect: str, endpoints_in: str, endpoint_keys: str, tmp_path: Path
) -> None:
    switches = {"endpoints_in": endpoints_in, "endpoint_keys": endpoint_keys}
    with CdsMock(dialect=dialect, **switches) as mock:
        site = Site(mock=mock, root=tmp_path)
        site.write(client_scope=None if endpoints_in == "oauth" else CLIENT_SCOPE)
        report = site.pull()
        assert mock.violations == []
        assert report.items == {table: len(mock.store[table]) for table in OBJECTS}
        for table in OBJECTS:
            id_key = next(key for key in mock.store[table][0] if key.endswith("_id"))
            landed = sorted(site.objects(table), key=lambda body: str(body[id_key]))
            assert landed == sorted(mock.store[table], key=lambda body: str(body[id_key])), table


def test_endpoints_of_a_registration_response_may_be_in_the_file(tmp_path: Path) -> None:
    with CdsMock(dialect="B", endpoints_in="registration") as mock:
        site = Site(mock=mock, root=tmp_path)
        site.write(endpoints=mock.endpoints())
        assert set(site.pull().items) == set(OBJECTS)


def test_without_endpoints_the_message_says_where_they_may_be(tmp_path: Path) -> None:
    with CdsMock(dialect="B", endpoints_in="registration") as mock:
        refuses(Site(mock=mock, root=tmp_path), ServersFileError, says="client_scope")


def test_an_unknown_scope_is_told_with_those_the_server_has(site: Site) -> None:
    site.write(scopes=["cds_query_usage"])
    refuses(site, ServersFileError, says=r"cds_query_usage_1 \(cds_query_usage\)")


def test_sidecars_tell_where_a_page_is_from(many: Site) -> None:
    report = many.pull(WindowName.HOT)
    first, *_, last = many.sidecars()
    assert len(many.sidecars()) == len(many.landed()) == len(report.files) == 3
    assert (last["page"], last["pages"], last["batch_files"]) == (3, 3, 3)
    assert {first["batch_id"], last["batch_id"]} == {report.batch_id}
    assert first["server"] == "north-grid"
    assert first["object"] == "usage_segments"
    assert first["observed_at"] == "2026-02-10T12:00:00.000000Z"
    assert first["window"] == {
        "name": "hot",
        "since": "2025-12-26T23:00:00Z",
        "until": "2026-02-10T12:00:00Z",
    }
    assert (first["timezone"], first["timezone_from"]) == ("Europe/Rome", "server")
    assert first["grants"] == []


def test_the_zone_of_the_entry_comes_before_that_of_the_server(many: Site) -> None:
    many.write(objects=USAGE_ONLY, timezone="America/New_York")
    many.mock.timezone = "Nowhere/Land"
    many.pull(WindowName.HOT)
    first = many.sidecars()[0]
    assert (first["timezone"], first["timezone_from"]) == ("America/New_York", "entry")
    assert first["window"]["since"] == "2025-12-27T05:00:00Z"


def test_where_nobody_names_a_zone_the_sidecar_does_not_either(many: Site) -> None:
    many.mock.timezone = None
    many.pull()
    assert (many.sidecars()[0]["timezone"], many.sidecars()[0]["timezone_from"]) == (None, None)


@pytest.mark.parametrize("zone", ["Nowhere/Land", "/etc/passwd", ""])
def test_a_zone_of_the_server_that_is_none_is_told(many: Site, zone: str) -> None:
    many.mock.timezone = zone
    refuses(many, ServersFileError, says="set timezone")


def test_nothing_is_left_in_staging_after_a_run(many: Site) -> None:
    many.pull()
    assert [path.name for path in (many.paths.pulls / "north-grid").iterdir()] == ["pull.lock"]


def test_two_runs_are_two_batches(many: Site) -> None:
    first = many.pull()
    many.clock.pass_by(1)
    assert many.pull().batch_id != first.batch_id
    assert len(many.landed()) == 6


def test_hot_asks_for_usage_by_instants_and_for_bills_by_dates(site: Site) -> None:
    site.pull(WindowName.HOT)
    (usage,) = site.mock.asked("usage_segments")
    (bills,) = site.mock.asked("bill_statements")
    (meters,) = site.mock.asked("meter_devices")
    assert usage.query == {"after": "2025-12-26T23:00:00Z", "before": "2026-02-10T12:00:00Z"}
    assert bills.query == {"after": "2025-12-27", "before": "2026-02-10"}
    assert meters.query == {}


@pytest.mark.parametrize(
    ("usage_by", "parameter", "prefix"),
    [("contract", "cds_servicecontract_ids", "con"), ("meter", "cds_meterdevice_ids", "met")],
)
def test_usage_is_asked_for_by_contract_or_meter(
    site: Site, usage_by: str, parameter: str, prefix: str
) -> None:
    site.mock.store = customer(meters=5, days=1)
    site.write(usage_by=usage_by, ids_per_request=2)
    site.pull()
    asked = [request.query[parameter] for request in site.mock.asked("usage_segments")]
    assert asked == [f"{prefix}-1 {prefix}-2", f"{prefix}-3 {prefix}-4", f"{prefix}-5"]
    assert len(usage_ids(site)) == 5


def test_a_meter_of_a_previous_point_only_is_found(site: Site) -> None:
    """The public client finds meters through current points only."""
    site.write(usage_by="meter")
    site.pull()
    first = next(item for item in site.mock.store["meter_devices"])
    assert first["current_servicepoints"] == []
    assert "use-1-0" in usage_ids(site)


def test_the_bearer_goes_with_every_page_and_the_secret_to_the_token_endpoint_only(
    many: Site,
) -> None:
    many.pull()
    kinds = {
        (request.path.rsplit("/", 1)[-1], request.authorization.split(" ")[0])
        for request in many.mock.requests
    }
    assert kinds == {
        ("cds-server-metadata.json", ""),
        ("oauth", ""),
        ("token", "Basic"),
        ("usage_segments", "Bearer"),
    }
    assert len(many.mock.asked("token")) == 1


# Pages


def test_next_is_followed_to_its_end(many: Site) -> None:
    """The public client asks for the first page for ever."""
    many.pull()
    asked = [request.target for request in many.mock.asked("usage_segments")]
    assert len(asked) == len(set(asked)) == 3
    assert sorted(usage_ids(many)) == sorted(f"use-{number}-0" for number in range(1, 251))


def test_pages_of_more_than_100_are_taken(many: Site) -> None:
    many.mock.page_size = 240
    many.pull()
    assert len(many.landed()) == 2
    assert len(usage_ids(many)) == 250


def test_an_absent_next_is_the_end(many: Site) -> None:
    many.mock.paging = "absent"
    assert many.pull().items == {"usage_segments": 250}


@pytest.mark.parametrize("paging", ["first", "repeat"])
def test_a_next_that_repeats_ends_the_pull(
    many: Site, paging: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cei_assets.pull.pages.MOST_PAGES", 20)
    many.mock.paging = paging
    refuses(many, PagingError, says="asked before")
    assert len(many.mock.asked("usage_segments")) <= 3


@pytest.mark.parametrize("paging", ["foreign", "userinfo"])
def test_the_bearer_is_not_sent_to_another_origin(many: Site, paging: str) -> None:
    many.mock.paging = paging
    refuses(many, PagingError, says="another server")
    assert len(many.mock.asked("usage_segments")) == 1


def test_a_paging_error_is_not_gone_on_with(many: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cei_assets.pull.pages.MOST_PAGES", 20)
    many.mock.paging = "repeat"
    refuses(many, PagingError, says="asked before")
    many.mock.paging = "proper"
    assert many.pull().resumed_pages == 0


def test_a_listing_that_does_not_end_ends(many: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cei_assets.pull.pages.MOST_PAGES", 5)
    many.mock.paging = "endless"
    refuses(many, PagingError, says="more than 5 pages")


def test_a_listing_that_grows_while_paging_is_whole(many: Site) -> None:
    many.mock.paging = "shift_in"
    many.pull()
    ids = usage_ids(many)
    assert {f"use-{number}-0" for number in range(1, 251)} <= set(ids)
    assert len(ids) > len(set(ids))


def test_duplicate_ids_revisions_null_slots_and_repeated_formats_land_as_they_are(
    many: Site,
) -> None:
    """The public client merges repeated formats and throws on a null slot."""
    first = segment("C", 1, null_slots=(0, 5))
    revised = segment("C", 1, modified=START.replace(month=2))
    many.mock.store["usage_segments"] = [first, revised, first]
    many.pull()
    landed = many.objects("usage_segments")
    assert len(landed) == 3
    assert all(body in (first, revised) for body in landed)


@pytest.mark.parametrize(("dialect", "formats"), [("A", 3), ("B", 6), ("C", 6)])
def test_intake_judges_a_landed_page_by_its_sidecar(
    dialect: str, formats: int, tmp_path: Path
) -> None:
    with CdsMock(dialect=dialect) as mock:
        site = Site(mock=mock, root=tmp_path)
        site.write(objects=USAGE_ONLY)
        site.pull()
        ((name, body),) = site.landed().items()
        (sidecar,) = site.sidecars()
        observed_at = datetime.fromisoformat(sidecar["observed_at"]).replace(tzinfo=None)
        source = CdsSource(receipt_id=name, server=sidecar["server"], observed_at_utc=observed_at)
        verdict = judge_cds(body, source=source)
        assert verdict.status is UploadStatus.ACCEPTED
        assert (verdict.dialect, verdict.segments) == (dialect, 6)
        assert sum(item.values for item in verdict.sums) == 6 * 24 * formats


def test_a_compressed_body_is_the_same(many: Site) -> None:
    many.mock.compress = True
    assert many.pull().items == {"usage_segments": 250}
    assert all(body.startswith(b"{") for body in many.landed().values())


def test_optional_fields_may_vanish(site: Site) -> None:
    site.mock.hidden_fields = {"account_number", "meter_number", "account_contacts"}
    site.write(objects=["meter_devices"])
    assert site.pull().items == {"meter_devices": 3}


# Access


def test_an_expired_token_is_fetched_again_once(many: Site) -> None:
    many.pull(on_page=lambda page: many.mock.revoke_tokens() if page.number == 1 else None)
    assert len(many.mock.asked("token")) == 2
    assert len(usage_ids(many)) == 250


def test_a_token_is_renewed_before_it_expires(many: Site) -> None:
    many.mock.token_seconds = 100
    many.pull(on_page=lambda _page: many.clock.pass_by(60))
    assert len(many.mock.asked("token")) == 3


@pytest.mark.parametrize(
    ("status", "tokens"), [("401", 2), ("403", 1)], ids=["unauthorized", "forbidden"]
)
def test_a_persistent_refusal_is_lost_access(many: Site, status: str, tokens: int) -> None:
    many.mock.always["usage_segments"] = status
    refuses(many, AccessLostError, says=f"no access .{status}")
    assert len(many.mock.asked("token")) == tokens
    assert many.clock.pauses == []


def test_a_wrong_secret_names_its_variable(many: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cds_mock_server.SECRET", "another")
    refuses(many, AccessLostError, says="invalid_client.*CEI_CDS_NORTH_GRID_SECRET")


def test_what_a_server_echoes_is_not_repeated(many: Site) -> None:
    many.mock.always["usage_segments"] = "echo"
    assert "Bearer" not in refuses(many, AccessLostError, says="no access")
    many.mock.always = {"token": "echo"}
    assert "Basic" not in refuses(many, AccessLostError, says="no token")


def test_logs_and_files_hold_no_secret_and_no_token(
    many: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    many.mock.fail("usage_segments", "401", "500")
    many.pull()
    assert "tok-" not in caplog.text
    assert SECRET not in caplog.text
    stored = [path.read_bytes() for path in many.root.rglob("*") if path.is_file()]
    assert not any(b"tok-" in content or SECRET.encode() in content for content in stored)


# Faults that pass


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        *(("usage_segments", one) for one in ("429", "500", "502", "503", "504", "cut", "short")),
        *(("token", one) for one in ("429", "500", "cut")),
        *(("metadata", one) for one in ("503", "cut")),
    ],
)
def test_what_passes_is_asked_again(many: Site, place: str, fault: str) -> None:
    many.mock.fail(place, fault, fault)
    assert many.pull().items == {"usage_segments": 250}
    assert many.clock.pauses == [0.75, 1.5]


def test_retry_after_is_waited_for(many: Site) -> None:
    many.mock.fail("usage_segments", "429 7", "503 2")
    many.pull()
    assert many.clock.pauses == [7.0, 2.0]


def test_retry_after_may_be_a_date(many: Site) -> None:
    many.mock.fail("usage_segments", "429 date -5")
    many.clock.moment = many.clock.moment.replace(year=2100)
    many.pull()
    assert many.clock.pauses == [0.0]


def test_a_pause_that_is_too_long_ends_the_pull_and_keeps_the_pages(many: Site) -> None:
    many.mock.faults.clear()
    with pytest.raises(UnreachableError, match="pause of 4,000 s"):
        many.pull(on_page=lambda _page: many.mock.fail("usage_segments", "429 4000"))
    assert many.landed() == {}
    many.mock.faults.clear()
    assert many.pull().resumed_pages == 1


@pytest.mark.parametrize("fault", ["429", "500", "503", "cut", "short"])
def test_what_does_not_pass_ends_the_pull(many: Site, fault: str) -> None:
    many.mock.always["usage_segments"] = fault
    refuses(many, UnreachableError, says="after 7 attempts")
    assert len(many.mock.asked("usage_segments")) == 7
    assert many.clock.pauses == [0.75, 1.5, 3.0, 6.0, 12.0, 24.0]


def test_a_body_that_drips_is_given_up_and_asked_again(many: Site) -> None:
    many.patience = Patience(body_seconds=1)
    many.mock.fail("usage_segments", "slow")
    many.mock.store = customer(meters=20, days=1)
    assert many.pull().items == {"usage_segments": 20}
    assert many.clock.pauses == [0.75]


def test_a_server_that_is_silent_is_given_up(many: Site) -> None:
    many.mock.hold_at = ("usage_segments", 1)
    many.patience = Patience(silence_seconds=0.05, attempts=2)
    refuses(many, UnreachableError, says="timed out")


def test_a_server_that_is_not_there_is_told(many: Site) -> None:
    many.write(metadata_url="http://127.0.0.1:9/m.json")
    many.patience = Patience(attempts=2)
    refuses(many, UnreachableError, says="refused")


# Faults that stay


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        ("login", BodyError, "text/html that is none.*login page"),
        ("not a list", BodyError, "'usage_segments' is no list"),
        ("no list", BodyError, "without 'usage_segments'"),
        ("jose", EncryptedBodyError, "encrypted"),
        ("jwe", EncryptedBodyError, "encrypted"),
        ("404", RefusedError, "status 404"),
        ("redirect http://127.0.0.1:9/", RefusedError, "status 302"),
    ],
)
def test_what_stays_ends_the_pull_at_once(
    many: Site, fault: str, kind: type[PullError], says: str
) -> None:
    many.mock.fail("usage_segments", fault)
    refuses(many, kind, says=says)
    assert many.clock.pauses == []
    assert len(many.mock.asked("usage_segments")) == 1


def test_a_body_beyond_the_limit_is_not_taken(many: Site) -> None:
    many.patience = Patience(body_bytes=10_000)
    many.mock.compress = True
    refuses(many, BodyError, says="more than 10,000 bytes")


def test_a_failed_run_lands_nothing_even_when_most_has_arrived(site: Site) -> None:
    site.mock.always["eacs"] = "500"
    refuses(site, UnreachableError, says="eacs")
    assert not site.paths.landing("cds").exists()


# Grants


def granted(site: Site, **grants: Grant) -> Site:
    site.mock.grants = grants
    site.write(grants=sorted(grants), grant_scope=GRANT_SCOPE, objects=USAGE_ONLY)
    return site


def test_every_grant_is_read_with_a_token_of_its_own(site: Site) -> None:
    cut = Grant(since=START.replace(hour=12))
    granted(site, whole=Grant(), late=cut).pull()
    ids = usage_ids(site)
    assert "use-1-0-trimmed" in ids
    assert "use-1-0" in ids
    states = [sidecar["grants"] for sidecar in site.sidecars()]
    assert states == [
        [{"id": "late", "status": "active", "access": "complete"}],
        [{"id": "whole", "status": "active", "access": "complete"}],
    ]


def test_an_empty_list_under_a_pending_grant_says_so(site: Site) -> None:
    granted(site, slow=Grant(status="pending", eta="2026-02-11T00:00:00Z")).pull()
    (sidecar,) = site.sidecars()
    assert sidecar["grants"] == [{"id": "slow", "status": "pending", "access": "incomplete"}]


def test_not_yet_and_gone_are_told_apart_and_neither_stops_the_others(site: Site) -> None:
    soon, lost = Grant(status="future"), Grant(status="revoked")
    report = granted(site, fine=Grant(), soon=soon, lost=lost).pull()
    assert report.items == {"usage_segments": 6}
    assert [state.grant_id for state in report.skipped] == ["lost", "soon"]
    assert report.complaints == (
        "grant lost is revoked: its access is gone: remove it from grants, or ask for a new one",
    )


def test_no_readable_grant_lands_nothing(site: Site) -> None:
    report = granted(site, soon=Grant(status="future")).pull()
    assert (report.batch_id, report.complaints) == (None, ())
    assert site.landed() == {}


def test_a_grant_the_server_does_not_know_is_lost_and_the_others_land(site: Site) -> None:
    granted(site, fine=Grant())
    site.write(grants=["fine", "never"], grant_scope=GRANT_SCOPE, objects=USAGE_ONLY)
    report = site.pull()
    assert report.items == {"usage_segments": 6}
    (complaint,) = report.complaints
    assert "cds_grant_id_invalid_value" in complaint
    assert "for grant never" in complaint


def test_a_grant_refused_midway_leaves_nothing_of_its_own(site: Site) -> None:
    site.mock.store = customer(meters=150, days=1, hours=1)
    granted(site, a=Grant(), b=Grant())
    refusals = ["403"]

    def refuse_once(_page: object) -> None:
        if refusals:
            site.mock.fail("usage_segments", refusals.pop())

    report = site.pull(on_page=refuse_once)
    (complaint,) = report.complaints
    assert "403" in complaint
    assert [sidecar["grants"][0]["id"] for sidecar in site.sidecars()] == ["b", "b"]
    assert site.sidecars()[0]["batch_files"] == 2


def test_grants_that_a_token_names_are_told_too(site: Site) -> None:
    site.mock.grants = {"all": Grant(status="delayed")}
    site.write(grant_scope=GRANT_SCOPE, objects=USAGE_ONLY)
    site.pull()
    assert site.sidecars()[0]["grants"] == [
        {"id": "all", "status": "delayed", "access": "incomplete"}
    ]


def test_a_grant_with_a_key_is_refused_before_anything_is_asked(site: Site) -> None:
    site.mock.grants = {"locked": Grant(jwk={"kty": "EC"})}
    site.write(objects=USAGE_ONLY)
    refuses(site, EncryptedBodyError, says="jwk")
    assert site.mock.asked("usage_segments") == []
