"""Whether formats that say that nothing is available hold nothing."""

from collections.abc import Iterable

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.core.cds.expand import Block
from cei_assets.core.cds.finding import Findings


def check_availability(blocks: Iterable[Block], *, findings: Findings) -> None:
    """Tell values of a format whose quality says that they are not available; they are kept."""
    for block in blocks:
        if not block.value_format.stated_quality.says_unavailable or block.cells is None:
            continue
        held = [index for index, text in enumerate(block.cells.texts) if text is not None]
        if held:
            findings.tell(
                CdsCode.QUALITY_MISMATCH,
                block.pointer_to(held[0]),
                f"{len(held)} values of a format whose quality says that there are none; kept",
                block.value_format.stated_quality.text,
            )
