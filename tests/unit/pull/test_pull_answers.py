"""What a pull makes of headers, links and bodies, without a server."""

from datetime import UTC, datetime

import httpx
import pytest

from cei_assets.contracts.cds_vocabulary import CDS_ID_FIELDS, CdsObjectKind
from cei_assets.core.cds.document import MAX_BYTES
from cei_assets.pull.grants import ACCESS, Access, GrantState
from cei_assets.pull.objects import OBJECTS
from cei_assets.pull.pages import listed_ids, next_address, read_listing
from cei_assets.pull.problem import BodyError, EncryptedBodyError, PagingError, shown
from cei_assets.pull.tokens import named_error
from cei_assets.pull.web import Answer, Patience, retry_after

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
PAGE = "https://api.north.example/usage?cursor=1"
USAGE = CdsObjectKind.USAGE_SEGMENTS


def answer(body: bytes, *, kind: str = "application/json", status: int = 200) -> Answer:
    headers = httpx.Headers({"content-type": kind})
    return Answer(url=PAGE, status=status, headers=headers, body=body)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Tue, 10 Feb 2026 12:00:30 GMT", 30.0),
        ("Tue, 10 Feb 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, now=NOW) == seconds


def following(named: object, *, asked: frozenset[str] = frozenset()) -> str | None:
    return next_address(named, page_url=PAGE, first_url=PAGE, asked=asked)


def test_next_is_followed_verbatim_and_absent_is_the_end() -> None:
    opaque = "https://api.north.example/usage?cursor=a%2Fb+c%3D&x=%7E"
    assert following(opaque) == opaque
    assert following(None) is None


def test_a_relative_next_belongs_to_its_page() -> None:
    assert following("?cursor=2") == "https://api.north.example/usage?cursor=2"


@pytest.mark.parametrize(
    "foreign",
    [
        "https://evil.example/usage?cursor=2",
        "http://api.north.example/usage?cursor=2",
        "https://api.north.example:8443/usage?cursor=2",
        "https://api.north.example.evil.example/usage",
        "//evil.example/usage",
        "https://someone@api.north.example/usage?cursor=2",
        "https://api.north.example@evil.example/usage",
        "file:///etc/hostname",
    ],
)
def test_next_on_another_origin_is_refused(foreign: str) -> None:
    with pytest.raises(PagingError, match="another server"):
        following(foreign)


def test_the_usual_port_is_the_same_origin() -> None:
    named = "https://api.north.example:443/usage?cursor=2"
    assert following(named) == named


@pytest.mark.parametrize("named", ["", 5, ["x"], "https://[broken"], ids=repr)
def test_next_that_is_no_address_is_refused(named: object) -> None:
    with pytest.raises(PagingError, match="no address"):
        following(named)


def test_next_that_was_asked_is_refused() -> None:
    with pytest.raises(PagingError, match="asked before"):
        following(PAGE, asked=frozenset({PAGE}))


def test_a_listing_is_its_list_and_next() -> None:
    body = b'{"next": "x", "usage_segments": [{"a": 1e400}, 5, null], "extra": {}}'
    assert read_listing(answer(body), item=USAGE) == (3, "x")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"accounts": []}', "without 'usage_segments' .it has accounts"),
        (b'{"usage_segments": {}}', "is no list"),
        (b'{"usage_segments": null}', "is no list"),
        (b"[]", "expected a JSON object"),
        (b"", "expected a JSON object"),
        (b"\xff\xfe{", "expected a JSON object"),
    ],
)
def test_a_body_that_is_no_such_listing_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(BodyError, match=says):
        read_listing(answer(body), item=USAGE)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"eyJhbGciOiJSU0EifQ.a.b.c.d", "text/plain"),
        (b"anything", "application/jose"),
        (b'{"protected": "eyJ", "ciphertext": "x"}', "application/json"),
    ],
)
def test_an_encrypted_body_is_told_apart(body: bytes, kind: str) -> None:
    with pytest.raises(EncryptedBodyError, match="encrypted"):
        read_listing(answer(body, kind=kind), item=USAGE)


def test_ids_of_malformed_objects_are_left_to_intake() -> None:
    body = b'{"meter_devices": [{"cds_meterdevice_id": "m1"}, 5, {"cds_meterdevice_id": 7}, {}]}'
    kind = CdsObjectKind.METER_DEVICES
    assert listed_ids(body, item=kind, key=CDS_ID_FIELDS[kind]) == ["m1"]


def test_addresses_are_shown_without_user_and_query() -> None:
    assert shown("https://u:p@h.example/a?cursor=secret#x") == "https://h.example/a"
    assert shown("http://h.example:port/a") == "an address that is no URL"


def test_only_known_error_codes_are_repeated() -> None:
    assert named_error(answer(b'{"error": "invalid_scope"}')) == " invalid_scope"
    assert named_error(answer(b'{"error": "Bearer tok-123"}')) == ""
    assert named_error(answer(b"<html>")) == ""


@pytest.mark.parametrize(
    ("status", "access", "is_readable"),
    [
        ("active", Access.COMPLETE, True),
        ("stopped", Access.COMPLETE, True),
        ("delayed", Access.INCOMPLETE, True),
        ("pending", Access.INCOMPLETE, True),
        ("future", Access.NOT_YET, False),
        ("revoked", Access.GONE, False),
        ("expired", Access.GONE, False),
        ("something new", Access.UNKNOWN, True),
    ],
)
def test_grant_states_tell_not_yet_from_gone(
    status: str, access: Access, is_readable: bool
) -> None:
    state = GrantState(grant_id="g", status=status)
    assert (state.access, state.is_readable) == (access, is_readable)


def test_every_status_of_the_specification_is_known() -> None:
    named = (
        "active future pending partial needs_authorization needs_sub_grants disabled suspended "
        "revoked closed expired delayed stopped errored"
    )
    assert set(ACCESS) == set(named.split())


def test_every_object_can_be_asked_for_under_both_names() -> None:
    assert set(OBJECTS) == set(CdsObjectKind)
    usage = OBJECTS[USAGE].endpoint_keys
    assert usage == ("cds_usagesegments_api", "cds_customerdata_usagesegments_api")
    assert "cds_customerdata_billsections_api" in OBJECTS[CdsObjectKind.BILL_SECTIONS].endpoint_keys


def test_a_page_that_a_pull_takes_is_not_too_long_for_intake() -> None:
    assert Patience().body_bytes <= MAX_BYTES
