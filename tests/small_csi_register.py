"""A small valid register of the CSI-Thermal programme as CSV texts, its rows replaceable."""

from collections.abc import Sequence
from pathlib import Path

from cei_assets.contracts.finding import Finding
from cei_assets.core.csi.register import CsiRegisterVerdict, judge_csi_register
from cei_assets.core.csi.register_cells import CSI_FILES
from tests.csi_reports import APPLICATION_ID, PDP

HEADERS = {file.name: ",".join(file.as_written.column_names) for file in CSI_FILES}
APPLICATION = f"{APPLICATION_ID},SCG,{PDP},1,gas,gas,2013-08-14,300,0.82,7.27,therm,500000,,,,,"
ROWS: dict[str, tuple[str, ...]] = {
    "csi_applications": (APPLICATION,),
    "csi_pdps": (f"{PDP},Sun Metrics,true", "other,Other,false"),
    "csi_replacements": (
        f"A1,{APPLICATION_ID},2013-09,Rivera,2013-12-09T10:30:00-08:00,scaled by 10,,",
    ),
    "csi_late_decisions": (f"{APPLICATION_ID},2013-09,,pay,Osei,2013-12-09T18:30:00",),
}


def texts(**rows: Sequence[str]) -> dict[str, str]:
    """The programme's files by name; `rows` replace the rows below a file's header."""
    return {
        name: "".join(f"{line}\n" for line in (HEADERS[name], *rows.get(name, default)))
        for name, default in ROWS.items()
    }


def verdict(**rows: Sequence[str]) -> CsiRegisterVerdict:
    """The verdict on the small register with some rows replaced."""
    return judge_csi_register(texts(**rows))


def findings(**rows: Sequence[str]) -> tuple[Finding, ...]:
    """What is wrong with the small register when some rows are replaced."""
    return verdict(**rows).findings


def with_cells(**cells: str) -> str:
    """The row of the application with some cells replaced, by column."""
    names = HEADERS["csi_applications"].split(",")
    row = dict(zip(names, APPLICATION.split(","), strict=True))
    assert set(cells) <= set(names)
    return ",".join({**row, **cells}.values())


def write_csi_register(folder: Path, **rows: Sequence[str]) -> None:
    """The small register as files of a register folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts(**rows).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
