"""The reference objects of a file, each version once, and what was refused of them."""

from dataclasses import dataclass, field

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsDialect
from cei_assets.core.cds.counts import ObjectCounts
from cei_assets.core.cds.document import Part
from cei_assets.core.cds.finding import CdsReadError, Findings
from cei_assets.core.cds.objects.reading import CdsObject, read_object


@dataclass(kw_only=True)
class Collected:
    """Objects that were kept, in the order of the file; `versions` are their ids."""

    objects: list[CdsObject] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)

    @property
    def dialect(self) -> CdsDialect | None:
        """The newest dialect that an object shows; None without objects."""
        return max((found.dialect for found in self.objects), default=None)

    def take(self, part: Part, *, server: str, findings: Findings, counts: ObjectCounts) -> None:
        """Read the objects of a part; of a refused object only the refusal is told."""
        for index, item in enumerate(part.objects):
            pointer = part.pointer_to(index)
            own = Findings()
            try:
                found = read_object(item, part.kind, pointer=pointer, server=server, findings=own)
            except CdsReadError as error:
                findings.add(error.finding)
                counts.refused[part.kind] += 1
                continue
            if found.version_id in self.versions:
                findings.tell(
                    CdsCode.DUPLICATE_OBJECT, pointer, "the same object again", found.object_id
                )
                counts.repeated[part.kind] += 1
                continue
            findings.take(own)
            self.versions.add(found.version_id)
            self.objects.append(found)
            counts.kept[part.kind] += 1
