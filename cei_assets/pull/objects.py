"""The objects of CDS customer data: the endpoint keys they are found by, and their filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from cei_assets.contracts.cds_vocabulary import CdsObjectKind


class WindowKind(StrEnum):
    """What `before` and `after` of a listing compare with; lists without them come whole."""

    NONE = "none"
    DATE = "date"
    INSTANT = "instant"


@dataclass(frozen=True, kw_only=True)
class ObjectFacts:
    """How an object is asked for; endpoint keys in order of preference."""

    window: WindowKind
    endpoint_keys: tuple[str, ...]


def _facts(*names: str, window: WindowKind = WindowKind.NONE) -> ObjectFacts:
    # The specified name, then what a live sandbox was seen to use.
    specified = tuple(f"cds_{name}_api" for name in names)
    seen = tuple(f"cds_customerdata_{name}_api" for name in names)
    return ObjectFacts(window=window, endpoint_keys=specified + seen)


OBJECTS: Mapping[CdsObjectKind, ObjectFacts] = MappingProxyType(
    {
        CdsObjectKind.ACCOUNTS: _facts("accounts"),
        CdsObjectKind.SERVICE_CONTRACTS: _facts("servicecontracts"),
        CdsObjectKind.SERVICE_POINTS: _facts("servicepoints"),
        CdsObjectKind.METER_DEVICES: _facts("meterdevices"),
        CdsObjectKind.AGGREGATIONS: _facts("aggregations"),
        CdsObjectKind.BILL_STATEMENTS: _facts(
            "billstatement", "billstatements", window=WindowKind.DATE
        ),
        CdsObjectKind.BILL_SECTIONS: _facts("billsection", "billsections", window=WindowKind.DATE),
        CdsObjectKind.USAGE_SEGMENTS: _facts("usagesegments", window=WindowKind.INSTANT),
        CdsObjectKind.EACS: _facts("eacs", window=WindowKind.INSTANT),
        # In no text yet: asked for where the metadata has such a key.
        CdsObjectKind.PRODUCTION_PROJECTS: _facts("productionprojects"),
    }
)
"""In the order in which a run asks: usage may be narrowed by what the lists before it named."""
