"""What became of the objects of a file, kind by kind."""

from collections import Counter
from dataclasses import dataclass, field

from cei_assets.contracts.cds_vocabulary import CdsObjectKind


@dataclass(kw_only=True)
class ObjectCounts:
    """Objects that were found are kept, repeated (the same version again), or refused."""

    kept: Counter[CdsObjectKind] = field(default_factory=Counter)
    repeated: Counter[CdsObjectKind] = field(default_factory=Counter)
    refused: Counter[CdsObjectKind] = field(default_factory=Counter)
