"""Quality of readings in the words of other lists, and back to Energinet's four states."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cei_assets.contracts.cds_quality_words import QUALITY_WORDS, EnerginetQuality, QualityWord
from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.contracts.vocabulary import ReadingQuality
from cei_assets.core.cds.finding import Findings
from cei_assets.core.intake.batch_body import Number, clean, type_name

_BY_WORD = {found.word.lower(): found for found in QUALITY_WORDS}


@dataclass(frozen=True, kw_only=True)
class StatedQuality:
    """The quality of a format.

    `text` is the word as written where it is of another list; `word` what that list says.
    """

    quality: ReadingQuality = ReadingQuality.UNKNOWN
    text: str | None = None
    word: QualityWord | None = None

    @property
    def says_unavailable(self) -> bool:
        """Whether it says that there are no values."""
        return self.word is not None and not self.word.is_available

    @property
    def says_forecast(self) -> bool:
        """Whether it says that nothing was measured."""
        return self.word is not None and self.word.is_forecast


NO_QUALITY = StatedQuality()


def quality_word(text: str) -> QualityWord | None:
    """The entry of another list for a word such as `A04`, `19` or `As provided`."""
    return _BY_WORD.get(text.strip().lower().replace(" ", "_").replace("-", "_"))


def read_quality(members: Mapping[str, Any], *, pointer: str, findings: Findings) -> StatedQuality:
    """The `quality` of a format: a word of CDS, or of Energinet, ESPI or ENTSO-E.

    A word of none of them is counted, told and taken as not said.
    """
    value = members.get("quality")
    if value is None:
        return NO_QUALITY
    if not isinstance(value, str):
        findings.tell(
            CdsCode.VALUE_TYPE,
            f"{pointer}/quality",
            f"quality is {type_name(value)}, not a text; ignored",
            value,
        )
        return NO_QUALITY
    text = clean(str(value))
    if text in set(ReadingQuality) and not isinstance(value, Number):
        return StatedQuality(quality=ReadingQuality(text))
    word = quality_word(text)
    if word is None:
        findings.unknown_words[f"quality={text}"] += 1
        findings.tell(
            CdsCode.UNKNOWN_WORD,
            f"{pointer}/quality",
            f"quality is not one of {', '.join(ReadingQuality)}; taken as not said",
            text,
        )
        return NO_QUALITY
    return StatedQuality(quality=word.quality, text=text, word=word)


def energinet_quality(
    quality: ReadingQuality | None, *, is_complete: bool = True
) -> EnerginetQuality:
    """Energinet's state of a reading; None for one that is missing.

    What is there and not estimated counts as provided: that state says nothing of a validation.
    """
    if quality is None:
        return EnerginetQuality.NOT_AVAILABLE
    if not is_complete:
        return EnerginetQuality.INCOMPLETE
    if quality is ReadingQuality.ESTIMATED:
        return EnerginetQuality.ESTIMATED
    return EnerginetQuality.AS_PROVIDED


def reading_quality(state: EnerginetQuality) -> tuple[ReadingQuality | None, bool]:
    """Quality (None: the reading is missing) and completeness that a state stands for here."""
    word = _BY_WORD[state.value]
    return (word.quality if word.is_available else None), word.is_complete
