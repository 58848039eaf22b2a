"""What a file may be: envelope, list or object; what makes it unusable as a whole."""

import pyarrow as pa
import pytest

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsObjectKind
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.judge import CdsLimits
from tests.cds_mock_bodies import meter
from tests.cds_segments import NET, codes, judged, judged_text, net, places, rows, segment, text_of

ONE = segment(*net(1, 2))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param({"usage_segments": [ONE]}, "/usage_segments/0", id="envelope without next"),
        pytest.param([ONE], "/0", id="bare list"),
        pytest.param(ONE, "", id="one object"),
    ],
)
def test_envelope_list_and_single_object_give_the_same_rows(body: object, pointer: str) -> None:
    verdict = judged_text(text_of(body))
    assert verdict.status is UploadStatus.ACCEPTED
    assert rows(verdict, "cds_value_text") == [("1",), ("2",)]
    assert verdict.tables.segments["json_pointer"].to_pylist() == [pointer]


def test_several_kinds_in_one_envelope_are_told_apart() -> None:
    meters = [meter("C", 1), meter("C", 2)]
    verdict = judged_text(text_of({"usage_segments": [ONE], "meter_devices": meters}))
    kinds = {CdsObjectKind.METER_DEVICES: 2, CdsObjectKind.USAGE_SEGMENTS: 1}
    assert verdict.objects == kinds == dict(verdict.counts.kept)
    assert verdict.tables.segments.num_rows == 1
    assert verdict.tables.objects["cds_meter_devices"].num_rows == 2


def test_an_object_of_several_ids_is_of_the_kind_that_owns_the_others() -> None:
    section = {"cds_billsection_id": "b", "cds_billstatement_id": "s", "cds_account_id": "a"}
    assert judged_text(text_of([section])).objects == {CdsObjectKind.BILL_SECTIONS: 1}


def test_an_empty_list_is_a_file_without_segments() -> None:
    for text in ("[]", '{"usage_segments": [], "next": null}'):
        verdict = judged_text(text)
        assert (verdict.status, verdict.segments) == (UploadStatus.ACCEPTED, 0)
        of_segments = [one for one in vars(verdict.tables).values() if isinstance(one, pa.Table)]
        for table in (*of_segments, *verdict.tables.objects.values()):
            assert table.num_rows == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", CdsCode.NOT_JSON, id="empty"),
        pytest.param(b'{"usage_segments": [', CdsCode.NOT_JSON, id="truncated"),
        pytest.param(b'{"usage_segments": "\xff"}', CdsCode.NOT_UTF8, id="latin-1"),
        pytest.param('{"usage_segments": []}'.encode("utf-16"), CdsCode.NOT_UTF8, id="utf-16"),
        pytest.param(b'"text"', CdsCode.NOT_CDS, id="a text"),
        pytest.param(b"12", CdsCode.NOT_CDS, id="a number"),
        pytest.param(b'{"error": "invalid_token"}', CdsCode.NOT_CDS, id="an error body"),
        pytest.param(b'[{"a": 1}]', CdsCode.NOT_CDS, id="a list of something else"),
        pytest.param(b'{"usage_segments": null}', CdsCode.WRONG_TYPE, id="list key of null"),
        pytest.param(b'{"usage_segments": {}}', CdsCode.WRONG_TYPE, id="list key of an object"),
        pytest.param(b"[" * 65 + b"]" * 65, CdsCode.TOO_DEEP, id="65 levels"),
        pytest.param(b"[" * 90_000 + b"]" * 90_000, CdsCode.TOO_DEEP, id="90,000 levels"),
        pytest.param(b"aGk.aGk.aGk.aGk.aGk", CdsCode.ENCRYPTED, id="compact JWE"),
        pytest.param(b'{"protected": "e", "ciphertext": "x"}', CdsCode.ENCRYPTED, id="JWE"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole_and_says_why(
    content: bytes, code: CdsCode
) -> None:
    verdict = judged_text(content)
    assert verdict.status is UploadStatus.REJECTED
    assert [found.code for found in verdict.refusals] == [code]
    assert verdict.tables.rejects["cds_code"].to_pylist() == [code.value]
    assert verdict.tables.intervals.num_rows == 0


def test_brackets_in_texts_are_not_depth() -> None:
    verdict = judged(segment(*net(1), note="[" * 500 + '\\"' + "{" * 500))
    assert verdict.status is UploadStatus.ACCEPTED


def test_a_file_may_be_as_large_as_the_limit_and_no_larger() -> None:
    text = text_of([ONE])
    fits, over = CdsLimits(max_bytes=len(text)), CdsLimits(max_bytes=len(text) - 1)
    assert judged_text(text, limits=fits).status is UploadStatus.ACCEPTED
    assert codes(judged_text(text, limits=over)) == {"TOO_LARGE"}


def test_null_sets_do_not_make_more_rows_than_the_limit() -> None:
    wide = segment(*[None] * 50, formats=[{**NET, "id": str(n)} for n in range(20)])
    other = segment(*net(1), cds_usagesegment_id="small")
    verdict = judged(wide, other, limits=CdsLimits(max_rows=999))
    assert places(verdict, CdsCode.TOO_MANY_ROWS) == ["/usage_segments/0/values"]
    assert (verdict.segments, verdict.rejected) == (1, 1)
    assert judged(wide, limits=CdsLimits(max_rows=1_000)).tables.intervals.num_rows == 1_000


def test_a_byte_order_mark_is_skipped_and_told() -> None:
    verdict = judged_text(b"\xef\xbb\xbf" + text_of([ONE]).encode())
    assert verdict.status is UploadStatus.ACCEPTED
    assert codes(verdict) == {"BYTE_ORDER_MARK"}


def test_of_a_name_that_repeats_the_last_holds_and_every_place_is_told() -> None:
    first = text_of(ONE).replace('"interval":900', '"interval":60,"interval":900')
    second = text_of(segment([{"eu": 7}], cds_usagesegment_id="b")).replace(
        '"eu":7', '"eu":6,"eu":7'
    )
    verdict = judged_text(f'{{"usage_segments": [{first}, {second}, {text_of(ONE)}]}}')
    assert places(verdict, CdsCode.DUPLICATE_KEY) == [
        "/usage_segments/0",
        "/usage_segments/1/values/0/0",
    ]
    assert rows(verdict, "cds_value_text") == [("1",), ("2",), ("7",)]
    assert verdict.tables.segments["has_repeated_names"].to_pylist() == [True, True]


def test_unknown_members_of_envelope_segment_format_and_value_are_counted() -> None:
    extended = segment(
        [{"eu": 1, "flag": "x"}], [{"eu": 2, "flag": "y"}], formats=[{**NET, "label": "L"}], hint=1
    )
    verdict = judged_text(text_of({"usage_segments": [extended], "total": 1, "next": None}))
    assert verdict.status is UploadStatus.ACCEPTED
    assert verdict.findings.unknown_fields == {
        "envelope.total": 1, "segment.hint": 1, "format.label": 1, "value.flag": 2,
    }  # fmt: skip
    assert rows(verdict, "cds_value_text") == [("1",), ("2",)]


def test_the_same_segment_twice_in_a_file_is_kept_once() -> None:
    verdict = judged(ONE, {**ONE, "cds_synced": "2026-04-03T00:00:00Z"})
    assert places(verdict, CdsCode.DUPLICATE_SEGMENT) == ["/usage_segments/1"]
    assert verdict.tables.intervals.num_rows == 2
