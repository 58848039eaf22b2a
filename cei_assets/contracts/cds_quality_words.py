"""Words for the quality of readings in four lists, and the quality that each stands for here.

CDS has no word for a value that is not available (it is null) nor for one that is incomplete, and
no forecasts among its qualities. Codes of ESPI are those of its XSD 3.3, codes of ENTSO-E those
that Eloverblik uses; the four states are Energinet's names of the latter.
"""

from dataclasses import dataclass
from enum import StrEnum

from cei_assets.contracts.vocabulary import ReadingQuality


class EnerginetQuality(StrEnum):
    """Energinet's four states of a reading."""

    AS_PROVIDED = "as_provided"
    ESTIMATED = "estimated"
    NOT_AVAILABLE = "not_available"
    INCOMPLETE = "incomplete"


class QualityScheme(StrEnum):
    """Whose word it is."""

    ENERGINET = "energinet"
    ESPI = "espi"
    ENTSO_E = "entso_e"


@dataclass(frozen=True, kw_only=True)
class QualityWord:
    """A word of a list and what it stands for.

    `is_available` is False where it says that there is no value, `is_complete` where it says that
    a part of the interval is missing, `is_forecast` where nothing was measured.
    """

    scheme: QualityScheme
    word: str
    quality: ReadingQuality
    is_available: bool = True
    is_complete: bool = True
    is_forecast: bool = False


def _words(scheme: QualityScheme, quality: ReadingQuality, words: str) -> tuple[QualityWord, ...]:
    return tuple(QualityWord(scheme=scheme, word=word, quality=quality) for word in words.split())


_ENERGINET, _ESPI, _ENTSO_E = QualityScheme
_UNKNOWN = ReadingQuality.UNKNOWN
_NOT_AVAILABLE, _INCOMPLETE = EnerginetQuality.NOT_AVAILABLE, EnerginetQuality.INCOMPLETE
QUALITY_WORDS: tuple[QualityWord, ...] = (
    # As provided is measured and says nothing of a validation: so is raw.
    *_words(_ENERGINET, ReadingQuality.RAW, EnerginetQuality.AS_PROVIDED),
    *_words(_ENERGINET, ReadingQuality.ESTIMATED, EnerginetQuality.ESTIMATED),
    QualityWord(scheme=_ENERGINET, word=_NOT_AVAILABLE, quality=_UNKNOWN, is_available=False),
    QualityWord(scheme=_ENERGINET, word=_INCOMPLETE, quality=_UNKNOWN, is_complete=False),
    *_words(_ENTSO_E, ReadingQuality.CORRECTED, "A01"),
    QualityWord(scheme=_ENTSO_E, word="A02", quality=_UNKNOWN, is_available=False),
    *_words(_ENTSO_E, ReadingQuality.ESTIMATED, "A03"),
    *_words(_ENTSO_E, ReadingQuality.RAW, "A04"),
    QualityWord(scheme=_ENTSO_E, word="A05", quality=_UNKNOWN, is_complete=False),
    *_words(_ESPI, ReadingQuality.VALID, "0 17 18"),
    *_words(_ESPI, ReadingQuality.MANUAL, "7"),
    *_words(_ESPI, ReadingQuality.ESTIMATED, "8 9"),
    # Questionable (10), suspect (13) and other (16).
    *_words(_ESPI, _UNKNOWN, "10 13 16"),
    *_words(_ESPI, ReadingQuality.CALCULATED, "11 15"),
    QualityWord(scheme=_ESPI, word="12", quality=_UNKNOWN, is_forecast=True),
    *_words(_ESPI, ReadingQuality.RAW, "14"),
    *_words(_ESPI, ReadingQuality.REVENUE, "19"),
)
"""Every word of the other lists once; CDS's own words stand for themselves."""
