"""What is cut out of a file stands where it stood; all else is untouched, whatever texts hold."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cei_assets.core.cds.resent import cut_resent
from tests.cds_known import Known

_texts = st.text(st.sampled_from('{}[],:"\\ ab\u00e9\n'), max_size=8)
_values = st.recursive(
    st.none() | st.integers() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_segments = st.fixed_dictionaries(
    {"cds_usagesegment_id": _texts, "values": _values},
    optional={
        "cds_synced": st.sampled_from(["2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z", "soon"]),
        "more": st.dictionaries(st.sampled_from(["cds_synced", "x"]), _texts, max_size=2),
    },
)
_lists = st.lists(_segments | _values, max_size=5)


def _body(listed: list[Any], *, indent: int | None, note: str) -> str:
    body = {"note": note, "usage_segments": listed, "next": None}
    return json.dumps(body, indent=indent, ensure_ascii=indent is None)


@given(
    listed=_lists,
    data=st.data(),
    indent=st.sampled_from([None, 0, 2]),
    note=_texts,
)
def test_only_known_segments_are_cut(
    listed: list[Any], data: st.DataObject, indent: int | None, note: str
) -> None:
    content = _body(listed, indent=indent, note=note).encode()
    every = cut_resent(content, server="s", stored=Known())
    assert every.content == content
    known = Known(digests=set(data.draw(st.lists(st.sampled_from([*every.digests.values(), ""])))))
    sent = cut_resent(content, server="s", stored=known)
    found = json.loads(sent.content)
    assert found | {"usage_segments": listed} == json.loads(content)
    assert [{} if index in sent.resent else item for index, item in enumerate(listed)] == found[
        "usage_segments"
    ]
    assert {*sent.resent, *sent.digests} == set(every.digests)
    for index, one in sent.resent.items():
        assert every.digests[index] == one.facts.version_id


_changes = st.dictionaries(
    st.sampled_from(["cds_synced", "cds_modified", "values"]),
    st.sampled_from(["2026-04-01T00:00:00Z", "2026-04-03T00:00:00Z"]),
    max_size=2,
)


@given(first=_segments, change=_changes)
def test_equal_digests_are_equal_but_for_the_moment_of_syncing(
    first: dict[str, Any], change: dict[str, str]
) -> None:
    second = {**first, **change}
    bodies = [_body([one], indent=None, note="").encode() for one in (first, second)]
    digests = [cut_resent(body, server="s", stored=Known()).digests.get(0) for body in bodies]
    if digests[0] is not None and digests[0] == digests[1]:
        assert {**first, "cds_synced": None} == {**second, "cds_synced": None}
