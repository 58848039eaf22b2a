"""What an object holds beyond what all objects have."""

from dataclasses import dataclass, field
from typing import Any

from cei_assets.contracts.cds_object_vocabulary import CdsObjectRelation, CdsThing

Row = dict[str, Any]
Relation = tuple[CdsObjectRelation, CdsThing, str]
"""How, to what, and its id."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """Columns of the object's own table, rows of its parts by table name, and its relations."""

    row: Row
    parts: dict[str, list[Row]] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()


def related(
    relation: CdsObjectRelation, thing: CdsThing, ids: tuple[str, ...] | str | None
) -> tuple[Relation, ...]:
    """Relations to one id, to several, or to none."""
    listed = (ids,) if isinstance(ids, str) else ids or ()
    return tuple((relation, thing, one) for one in listed)
