"""Segments that were sent before are found by their text, and by nothing less."""

import json
from typing import Any

import pytest

from cei_assets.core.cds import resent
from cei_assets.core.cds.resent import Sent, cut_resent
from tests.cds_drops import envelope
from tests.cds_known import Known
from tests.cds_segments import net, segment, text_of

SERVER = "riverside"


def _sent(content: str, known: Known | None = None, *, server: str = SERVER) -> Sent:
    return cut_resent(content.encode(), server=server, stored=known or Known())


def _learned(content: str) -> Known:
    return Known(digests=set(_sent(content).digests.values()))


def _month(number: int, **members: object) -> dict[str, Any]:
    return segment(*net(1, None, 2.5), cds_usagesegment_id=f"s-{number}", **members)


PAGE = envelope(_month(1), _month(2), _month(3))


def test_where_nothing_is_known_the_file_stays_as_it_is() -> None:
    sent = _sent(PAGE)
    assert sent.content == PAGE.encode()
    assert sorted(sent.digests) == [0, 1, 2]
    assert sent.resent == {}


def test_what_is_known_is_cut_out_in_its_place() -> None:
    sent = _sent(envelope(_month(1), _month(9), _month(3)), _learned(PAGE))
    assert sorted(sent.resent) == [0, 2]
    assert list(sent.digests) == [1]
    assert [
        item.get("cds_usagesegment_id") for item in json.loads(sent.content)["usage_segments"]
    ] == [None, "s-9", None]


def test_cds_synced_moves_alone() -> None:
    later = envelope(*(_month(n, cds_synced="2026-05-01T00:00:00.5+02:00") for n in (1, 2, 3)))
    sent = _sent(later, _learned(PAGE))
    assert sorted(sent.resent) == [0, 1, 2]
    assert {one.synced_us for one in sent.resent.values()} == {1777586400500000}


@pytest.mark.parametrize(
    "change",
    [
        {"cds_modified": "2026-04-01T06:00:01Z"},
        {"values": net(1, None, 2.50001)},
        {"related_accounts": []},
        {"interval": 900.0},
        {"another": {"cds_synced": "2026-04-02T00:00:00Z"}},
        {"cds_synced": None},
        {"cds_synced": "soon"},
        {"cds_usagesegment_id": "s-\u00e9"},
    ],
    ids=str,
)
def test_any_other_difference_is_read(change: dict[str, object]) -> None:
    sent = _sent(envelope({**_month(1), **change}, _month(2)), _learned(PAGE))
    assert list(sent.resent) == [1]


def test_ids_count_within_their_server() -> None:
    assert _sent(PAGE, _learned(PAGE), server="lakeside").resent == {}


def test_brackets_in_texts_are_no_brackets() -> None:
    odd = [_month(1, note="]}, {["), _month(2, note='a "quoted" } \\'), _month(3, note=",")]
    content = envelope(*odd, next="https://riverside.example/?a=\\u007b")
    sent = _sent(content, _learned(content))
    # The second has escapes, behind which `cds_synced` could hide.
    assert sorted(sent.resent) == [0, 2]
    assert json.loads(sent.content)["usage_segments"][1] == json.loads(text_of(odd[1]))


def test_what_is_no_object_keeps_its_place() -> None:
    content = envelope(None, _month(1), [1, {"a": [2]}], 4, _month(2))
    sent = _sent(content, _learned(content))
    assert sorted(sent.resent) == [1, 4]
    assert json.loads(sent.content)["usage_segments"] == [None, {}, [1, {"a": [2]}], 4, {}]


@pytest.mark.parametrize(
    "content",
    [
        text_of([_month(1)]),
        text_of(_month(1)),
        text_of({"page": {"usage_segments": [_month(1)]}}),
        f'{{"usage_segments": {text_of([_month(1)])}, "usage_segments": []}}',
        PAGE[:-40],
        f"]{PAGE}",
        "",
        '{"usage_segments": 1}',
        '{"usage_segments": [',
    ],
    ids=["list", "object", "inner", "repeated", "cut", "odd", "empty", "number", "open"],
)
def test_other_forms_are_left_to_the_reader(content: str) -> None:
    assert _sent(content, _learned(PAGE)).content == content.encode()


def test_a_large_file_is_left_to_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    known = _learned(PAGE)
    monkeypatch.setattr(resent, "MOST_BYTES", len(PAGE))
    assert len(_sent(PAGE, known).resent) == 3
    monkeypatch.setattr(resent, "MOST_BYTES", len(PAGE) - 1)
    assert _sent(PAGE, known).resent == {}
