"""Bodies that are small in bytes and large in memory are refused before they are read."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.core.intake.batch_body import (
    NotABatchError,
    TooManyRecordsError,
    _outside_strings,
    read_body,
)

STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
JSON = st.recursive(
    st.one_of(st.none(), st.integers(), st.text('"\\{}[],:é\n\0a', max_size=6)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('"\\{},', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def test_far_more_objects_than_records_may_be_are_too_many() -> None:
    with pytest.raises(TooManyRecordsError, match="201 records, over the limit of 10"):
        read_body(b'{"records": [' + b",".join([b"{}"] * 201) + b"]}", max_records=10)


def test_a_record_may_have_some_objects_of_its_own() -> None:
    records = [{"note": [{}] * 18}] * 10
    assert read_body(json.dumps({"records": records}).encode(), max_records=10).records == 10


@pytest.mark.parametrize("value", ["1", "NaN"], ids=["plain", "cell by cell"])
def test_braces_and_commas_in_texts_are_neither_objects_nor_cells(value: str) -> None:
    body = f'{{"records": [{{"value": {value}, "note": {json.dumps("{,[" * 1000)}}}]}}'
    assert read_body(body.encode(), max_records=1).records == 1


def test_objects_within_objects_are_too_deep_rather_than_too_many() -> None:
    body = b'{"records": [' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"]}"
    with pytest.raises(NotABatchError, match="nested deeper than 64") as refused:
        read_body(body, max_records=10)
    assert not isinstance(refused.value, TooManyRecordsError)


@given(JSON, st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_stands_outside_of_strings_is_found(content: object, is_ascii: bool) -> None:
    text = json.dumps(content, ensure_ascii=is_ascii).encode()
    found = bytes(_outside_strings(text)).replace(b'"', b"")
    assert found == STRINGS.sub(b"", text)
