"""The sidecar of a file of customer data: a pull's, a person's, and what is wrong with one."""

import json
from datetime import datetime
from typing import Any

import pytest

from cei_assets.contracts.cds_vocabulary import CdsAccess, CdsCode, CdsObjectKind
from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.cds_hand_over import CDS_LISTINGS
from cei_assets.core.cds.finding import CdsReadError
from cei_assets.core.cds.sidecar import NO_SERVER, PulledPage, listing_table, read_sidecar
from tests.cds_drops import pulled
from tests.cds_segments import SOURCE


def _page(**changes: object) -> PulledPage:
    page = read_sidecar(json.dumps(pulled(**changes))).page
    assert page is not None
    return page


def test_a_file_without_sidecar_is_of_the_server_called_file() -> None:
    read = read_sidecar(None)
    assert (read.server, read.observed_at, read.page) == (NO_SERVER, None, None)


def test_a_person_may_name_the_server_and_the_time() -> None:
    read = read_sidecar('{"server": "riverside", "observed_at": "2026-04-02T11:30:00+02:00"}')
    assert (read.server, read.page) == ("riverside", None)
    assert read.observed_at == datetime.fromisoformat("2026-04-02T09:30:00")


def test_members_of_other_sources_are_ignored() -> None:
    assert read_sidecar('{"organization_id": "acme", "timezone": "Mars/Olympus"}').page is None


def test_a_page_of_a_pull_says_what_was_asked_for() -> None:
    page = _page()
    assert (page.kind, page.page, page.pages, page.batch_files) == (
        CdsObjectKind.USAGE_SEGMENTS,
        1,
        2,
        3,
    )
    assert (page.since, page.until) == (datetime.fromisoformat("2026-02-15T05:00:00"), None)
    assert page.timezone == "America/New_York"


def test_every_pulled_page_is_a_row_of_its_own() -> None:
    page = _page()
    table = listing_table(page, source=SOURCE)
    assert validate_arrow(CDS_LISTINGS, table) == []
    assert table["server_timezone"].to_pylist() == ["America/New_York"]
    assert listing_table(None, source=SOURCE).num_rows == 0


def test_grants_are_named_in_one_order() -> None:
    named = [{"id": grant, "access": "complete"} for grant in ("g-2", "g-1")]
    rows = listing_table(_page(grants=named), source=SOURCE).to_pylist()
    assert [row["grant_ids"] for row in rows] == ["g-1,g-2"]
    (row,) = listing_table(_page(grants=[]), source=SOURCE).to_pylist()
    assert (row["grant_ids"], row["cds_access"]) == (None, "unknown")


def test_listings_of_a_batch_are_told_apart() -> None:
    listings = ["usage_segments/g-1/0", "usage_segments/g-1/1", "usage_segments/g-2/0"]
    numbers = [_page(listing=listing).listing_number for listing in listings]
    assert len(set(numbers)) == 3
    assert numbers == [_page(listing=listing).listing_number for listing in listings]


@pytest.mark.parametrize(
    ("filters", "is_filtered"),
    [
        ({}, False),
        ({"after": "2026-01-01T00:00:00Z", "before": "2026-02-01T00:00:00Z"}, False),
        ({"after": "2026-01-01T00:00:00Z", "cds_meterdevice_ids": "m-1"}, True),
    ],
    ids=["all", "window", "meters"],
)
def test_a_listing_is_narrowed_by_more_than_its_window(
    filters: dict[str, str], is_filtered: bool
) -> None:
    assert _page(filters=filters).is_filtered is is_filtered


def test_a_listing_that_was_cut_short_is_narrowed() -> None:
    assert _page(filters={}, watermark="2026-04-01T00:00:00+00:00").is_filtered
    assert not _page(filters={}).is_filtered


@pytest.mark.parametrize(
    ("grants", "access"),
    [
        (["complete"], CdsAccess.COMPLETE),
        (["complete", "incomplete"], CdsAccess.INCOMPLETE),
        (["unknown", "complete"], CdsAccess.UNKNOWN),
        ([], CdsAccess.UNKNOWN),
    ],
    ids=["all", "one of two", "nobody says", "no grants"],
)
def test_access_is_complete_only_where_every_grant_is(grants: list[str], access: CdsAccess) -> None:
    listed = [{"id": "g", "status": "s", "access": one} for one in grants]
    assert _page(grants=listed).access is access


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"server": None}, "/server"),
        ({"server": " riverside"}, "/server"),
        ({"observed_at": "2026-04-02T09:30:00"}, "/observed_at"),
        ({"observed_at": "0001-01-01T00:00:00Z"}, "/observed_at"),
        ({"observed_at": None}, "/observed_at"),
        ({"object": "pages"}, "/object"),
        ({"page": "1"}, "/page"),
        ({"page": True}, "/page"),
        ({"pages": 0}, "/pages"),
        ({"batch_files": 1 << 60}, "/batch_files"),
        ({"window": []}, "/window"),
        ({"window": {"since": "yesterday"}}, "/window/since"),
        ({"grants": [{"access": "some"}]}, "/grants/0/access"),
        ({"grants": ["g-1"]}, "/grants/0"),
        ({"grants": [{"access": "complete"}]}, "/grants/0/id"),
        ({"filters": None}, "/filters"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"timezone": "../../etc/passwd"}, "/timezone"),
        ({"listing": 1}, "/listing"),
    ],
    ids=str,
)
def test_a_bad_member_is_named(changes: dict[str, Any], names: str) -> None:
    with pytest.raises(CdsReadError) as raised:
        read_sidecar(json.dumps(pulled(**changes)))
    assert raised.value.finding.code is CdsCode.BAD_SIDECAR
    assert raised.value.finding.detail.startswith(f"{names} of the sidecar .drop.json")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"riverside"', '{"server": 1}', "\ufffd"], ids=repr
)
def test_what_is_no_sidecar_is_told_and_raises_nothing_else(text: str) -> None:
    with pytest.raises(CdsReadError) as raised:
        read_sidecar(text)
    assert raised.value.finding.code is CdsCode.BAD_SIDECAR
