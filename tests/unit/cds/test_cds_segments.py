"""Segments: what refuses one while the rest of the file goes in, versions, whose they are."""

import pytest

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.contracts.vocabulary import UploadStatus
from tests.cds_segments import NET, Raw, codes, judged, net, places, segment

GOOD = segment(*net(5), cds_usagesegment_id="good")
_ABSENT = object()


def broken(name: str, value: object) -> dict[str, object]:
    changed = {**segment(*net(1, 2)), name: value}
    return {key: member for key, member in changed.items() if member is not _ABSENT}


@pytest.mark.parametrize(
    ("bad", "code", "pointer"),
    [
        pytest.param(None, "NOT_AN_OBJECT", "", id="null"),
        pytest.param([1], "NOT_AN_OBJECT", "", id="list"),
        pytest.param(broken("cds_usagesegment_id", _ABSENT), "MISSING_FIELD",
                     "/cds_usagesegment_id", id="no id"),
        pytest.param(broken("cds_usagesegment_id", " "), "WRONG_TYPE",
                     "/cds_usagesegment_id", id="blank id"),
        pytest.param(broken("cds_usagesegment_id", 7), "WRONG_TYPE",
                     "/cds_usagesegment_id", id="number as id"),
        pytest.param(broken("cds_modified", None), "MISSING_FIELD", "/cds_modified",
                     id="no modification"),
        pytest.param(broken("segment_start", "yesterday"), "BAD_MOMENT", "/segment_start",
                     id="no moment"),
        pytest.param(broken("segment_end", "2026-02-01T00:00:00Z"), "END_BEFORE_START",
                     "/segment_end", id="end before start"),
        pytest.param(broken("interval", 0), "BAD_INTERVAL", "/interval", id="interval of 0"),
        pytest.param(broken("interval", -900), "BAD_INTERVAL", "/interval", id="negative"),
        pytest.param(broken("interval", "900"), "WRONG_TYPE", "/interval", id="text interval"),
        pytest.param(broken("interval", Raw("2e11")), "BAD_INTERVAL", "/interval",
                     id="beyond the year 9999"),
        pytest.param(broken("formats", _ABSENT), "MISSING_FIELD", "/formats", id="no formats"),
        pytest.param(broken("formats", {}), "WRONG_TYPE", "/formats", id="formats of an object"),
        pytest.param(broken("formats", [7]), "WRONG_TYPE", "/formats/0", id="format of a number"),
        pytest.param(broken("formats", [{"id": "n"}]), "MISSING_FIELD", "/formats/0/type",
                     id="format without type"),
        pytest.param(broken("values", None), "MISSING_FIELD", "/values", id="no values"),
        pytest.param(broken("values", [[{"eu": 1}], {"eu": 2}]), "WRONG_TYPE", "/values/1",
                     id="set of an object"),
    ],
)  # fmt: skip
def test_a_malformed_segment_is_refused_by_pointer_and_the_rest_goes_in(
    bad: object, code: str, pointer: str
) -> None:
    verdict = judged(GOOD, bad, segment(*net(6), cds_usagesegment_id="last"))
    assert verdict.status is UploadStatus.PARTIAL
    assert (verdict.segments, verdict.rejected) == (2, 1)
    (reject,) = verdict.tables.rejects.to_pylist()
    assert (reject["cds_code"], reject["json_pointer"]) == (code, f"/usage_segments/1{pointer}")
    assert verdict.tables.intervals["cds_value_text"].to_pylist() == ["5", "6"]


def test_a_file_of_refused_segments_alone_is_rejected() -> None:
    assert judged(broken("interval", 0)).status is UploadStatus.REJECTED


def test_missing_lists_of_ids_and_creation_refuse_nothing() -> None:
    bare = {
        name: member
        for name, member in GOOD.items()
        if not name.startswith("related_") and name not in ("cds_created", "cds_synced")
    }
    verdict = judged(bare)
    assert verdict.status is UploadStatus.ACCEPTED
    assert verdict.findings.counts == {CdsCode.MISSING_KEY: 2}
    (row,) = verdict.tables.segments.to_pylist()
    assert (row["cds_created_utc"], row["cds_synced_utc"]) == (None, None)
    assert verdict.tables.intervals["resource_id"].to_pylist() == [None]


def version(**members: object) -> tuple[str, str]:
    (row,) = judged({**GOOD, **members}).tables.segments.to_pylist()
    return row["segment_version_id"], row["content_sha256"]


def test_a_version_changes_with_what_the_server_says_changed_and_not_with_synced() -> None:
    same = version()
    assert version(cds_synced="2026-05-05T00:00:00Z") == same
    assert dict(reversed(GOOD.items())) == GOOD
    assert version(**dict(reversed(GOOD.items()))) == same
    for other in (
        {"cds_modified": "2026-04-05T00:00:00Z"},
        {"cds_usagesegment_id": "another"},
        {"values": net(5.5)},
        {"values": net(Raw("5.0"))},
    ):
        assert version(**other)[0] != same[0]


@pytest.mark.parametrize(
    ("members", "formats", "expected"),
    [
        pytest.param({}, [NET], ("meter_device", "meter-1"), id="single meter"),
        pytest.param(
            {"related_meterdevices": ["a", "b"]}, [{**NET, "related_meterdevices": ["b"]}],
            ("meter_device", "b"), id="the format's meter",
        ),
        pytest.param({"related_meterdevices": ["a", "b"]}, [NET], ("service_point", "point-1"),
                     id="several meters: their point"),
        pytest.param({"related_meterdevices": [], "related_servicepoints": []}, [NET],
                     ("service_contract", "contract-1"), id="contract"),
        pytest.param(
            {"related_meterdevices": [], "related_servicepoints": [],
             "related_servicecontracts": ["a", "b"]}, [NET], ("account", "account-1"),
            id="account",
        ),
        pytest.param({"related_aggregations": ["district"]}, [NET], ("aggregation", "district"),
                     id="aggregation"),
    ],
)  # fmt: skip
def test_values_belong_to_the_narrowest_single_thing(
    members: dict[str, object], formats: list[object], expected: tuple[str, str]
) -> None:
    (row,) = judged({**segment(*net(5), formats=formats), **members}).tables.intervals.to_pylist()
    assert (row["resource_kind"], row["resource_id"]) == expected
    assert row["is_aggregated"] is ("related_aggregations" in members)


def test_relations_hold_every_id_once_with_the_formats_meters() -> None:
    verdict = judged(
        segment(
            *net(5),
            formats=[{**NET, "related_meterdevices": ["b"]}],
            related_meterdevices=["a", "b", "a"],
            related_servicepoints=[],
            related_billsections=["bill"],
        )
    )
    names = ("relation_kind", "related_id", "format_position", "set_position")
    found = [tuple(row[name] for name in names) for row in verdict.tables.relations.to_pylist()]
    assert found == [
        ("account", "account-1", None, None),
        ("service_contract", "contract-1", None, None),
        ("meter_device", "a", None, None),
        ("meter_device", "b", None, None),
        ("bill_section", "bill", None, None),
        ("meter_device", "b", 0, None),
    ]


def test_ids_of_other_types_are_told_and_left_out() -> None:
    verdict = judged(segment(*net(5), related_accounts=[1, "a"], related_servicepoints="p"))
    assert verdict.status is UploadStatus.ACCEPTED
    assert places(verdict, CdsCode.VALUE_TYPE) == [
        "/usage_segments/0/related_accounts/0",
        "/usage_segments/0/related_servicepoints",
    ]


def test_lone_surrogates_and_control_characters_reach_no_table() -> None:
    verdict = judged(segment(*net(5), cds_usagesegment_id="x\ud800"), segment(*net("\ud800\n")))
    assert verdict.tables.segments["cds_usagesegment_id"].to_pylist()[0] == "x\\ud800"
    assert verdict.tables.rejects["value_text"].to_pylist() == ["\\ud800\\n"]
    assert codes(verdict) == {"BAD_VALUE"}
