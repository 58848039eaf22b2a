"""What every rule means and where it lives: record codes, episode rules, and the other rules.

The text is for people: `docs/rules.md` is rendered from it. Places are paths from the
repository's root, with the name to look for behind two colons.
"""

from dataclasses import dataclass

from cei_assets.contracts.vocabulary import EpisodeRule, RecordCode

_INTAKE = "cei_assets/core/intake"
_DETECTION = "cei_assets/core/detection"
_REGISTER = "cei_assets/core/register"
_SAVINGS = "cei_assets/core/savings"
_MODELS = "dbt_project/models"


@dataclass(frozen=True, kw_only=True)
class RuleMeaning:
    """A rule in words: its name, when it applies, and the places that apply it."""

    name: str
    meaning: str
    places: tuple[str, ...]


RECORD_CODES: tuple[RuleMeaning, ...] = (
    RuleMeaning(
        name=RecordCode.UNKNOWN_SITE,
        meaning="`site_id` is missing, blank, not text, or not in the register.",
        places=(f"{_INTAKE}/places.py::find_places",),
    ),
    RuleMeaning(
        name=RecordCode.ORG_MISMATCH,
        meaning="The site belongs to another organization than the sender. `detail` reads as for "
        "`UNKNOWN_SITE`, so that nothing about the other organization leaks.",
        places=(f"{_INTAKE}/places.py::is_foreign",),
    ),
    RuleMeaning(
        name=RecordCode.UNKNOWN_METER,
        meaning="`meter_id` is missing, blank, not text, or not registered at that site.",
        places=(f"{_INTAKE}/places.py::meter_problem",),
    ),
    RuleMeaning(
        name=RecordCode.INVALID_UNIT,
        meaning="The unit is given and is not `kWh`, after trimming and ignoring case.",
        places=(f"{_INTAKE}/row_rules.py::_is_wrong_unit",),
    ),
    RuleMeaning(
        name=RecordCode.INVALID_TIMESTAMP,
        meaning="The timestamp is missing, not ISO 8601, without offset where no zone is named, a "
        "local time that the clock skips or shows twice, too far in the future, too old, or not on "
        "the meter's interval grid.",
        places=(f"{_INTAKE}/timestamps.py::read_moments", f"{_INTAKE}/row_rules.py::_is_off_grid"),
    ),
    RuleMeaning(
        name=RecordCode.INVALID_VALUE,
        meaning="The value is missing, not a finite number, negative, over the limit of an "
        "interval, or a register reading instead of the interval's energy. Of a temperature: not a "
        "number, or outside what the air can have. Of a record of the batch API: its "
        "`idempotency_key` is longer than 256 characters.",
        places=(
            f"{_INTAKE}/values.py::value_verdicts",
            f"{_INTAKE}/batch_judge.py::MAX_KEY_CHARACTERS",
            f"{_INTAKE}/cumulative.py::cumulative_rows",
            f"{_INTAKE}/temperature.py::value_problem",
        ),
    ),
    RuleMeaning(
        name=RecordCode.DUPLICATE_IDEMPOTENCY_KEY,
        meaning="The key is known already, with another payload; the stored value stays. Without a "
        "key, a CSV drop is keyed by its file and interval, the batch API by organization, site, "
        "meter and interval. The same payload again is an exact duplicate, counted and not "
        "refused.",
        places=(
            f"{_INTAKE}/repeats.py::find_repeats",
            f"{_INTAKE}/temperature.py::key_problem",
            f"{_MODELS}/intermediate/int_readings_received.sql::disposition",
        ),
    ),
    RuleMeaning(
        name=RecordCode.INTERNAL_ERROR,
        meaning="A fault of the platform, never of the data: the record can be sent again. Kept "
        "for the batch API's answer; judging a file raises instead, and the file is judged again.",
        places=("cei_assets/contracts/vocabulary.py::INTERNAL_ERROR",),
    ),
    RuleMeaning(
        name=RecordCode.MALFORMED_ROW,
        meaning="A line of a CSV drop that does not split into the header's columns, or a line of "
        "a batch file that is no batch of records, or whose verdict does not fit its records.",
        places=(f"{_INTAKE}/csv_rows.py::_malformed", f"{_INTAKE}/receipt_line.py::read_line"),
    ),
    RuleMeaning(
        name=RecordCode.MALFORMED_FILE,
        meaning="The file cannot be used at all, and is refused whole: its header, compression, "
        "encoding, sidecar or size, or more refused rows than can be kept apart.",
        places=(
            f"{_INTAKE}/csv_dialect.py::read_header",
            f"{_INTAKE}/unpacking.py::unpacked_pieces",
            f"{_INTAKE}/text_chunks.py::TextChunks",
            f"{_INTAKE}/sidecar.py::read_sidecar",
            f"{_INTAKE}/reject_bound.py::too_many_rejects",
            f"{_INTAKE}/rejects.py::file_reject",
        ),
    ),
)
"""In the order in which the codes apply: a row has the code of the first that does."""

EPISODE_RULES: tuple[RuleMeaning, ...] = (
    RuleMeaning(
        name=EpisodeRule.NIGHT_LOAD,
        meaning="Closed hours on working days above the meter's own attainable night level, for a "
        "run of nights.",
        places=(f"{_DETECTION}/attainable.py::night_load",),
    ),
    RuleMeaning(
        name=EpisodeRule.WEEKEND_LOAD,
        meaning="Hours of non-working days, holidays and closures above the attainable level.",
        places=(f"{_DETECTION}/attainable.py::weekend_load",),
    ),
    RuleMeaning(
        name=EpisodeRule.SPIKE,
        meaning="A short excess far outside the residuals of that hour of the week.",
        places=(f"{_DETECTION}/spike.py::spike",),
    ),
    RuleMeaning(
        name=EpisodeRule.BASELINE_DEVIATION,
        meaning="A sustained excess over the counterfactual, working hours included.",
        places=(f"{_DETECTION}/deviation.py::baseline_deviation",),
    ),
    RuleMeaning(
        name=EpisodeRule.BASELOAD_DRIFT,
        meaning="A lasting rise of the load in the hours that need least.",
        places=(f"{_DETECTION}/drift.py::baseload_drift",),
    ),
)
"""Rules of waste; where two find the same excess in an hour, the first of them gets it."""

OTHER_RULES: tuple[RuleMeaning, ...] = (
    RuleMeaning(
        name="limits of what is taken",
        meaning="Future, age, energy of an interval, size of a file and a line.",
        places=(f"{_INTAKE}/verdict.py::Limits",),
    ),
    RuleMeaning(
        name="one code a row",
        meaning="Which code a row with several problems gets; `detail` joins them all.",
        places=(f"{_INTAKE}/rejects.py::PROBLEMS",),
    ),
    RuleMeaning(
        name="what a sender was told",
        meaning="A batch's line may carry the verdict given on receipt: what was skipped stays an "
        "exact duplicate and what failed keeps its code; all else is judged, and when the register "
        "has changed since, refused with the reason.",
        places=(
            f"{_INTAKE}/receipt_line.py::GivenVerdict",
            f"{_INTAKE}/rejects.py::refused_before",
        ),
    ),
    RuleMeaning(
        name="numbers of a batch",
        meaning="Kept as they were written, from the request's body to the DECIMAL.",
        places=(f"{_INTAKE}/batch_body.py::read_body", f"{_INTAKE}/values.py::value_verdicts"),
    ),
    RuleMeaning(
        name="conservation",
        meaning="Rows read are rows accepted, rejected and exact duplicates together, in every "
        "file.",
        places=(
            f"{_INTAKE}/verdict.py::ConservationError",
            "cei_assets/checks/intake.py::conservation",
        ),
    ),
    RuleMeaning(
        name="names of columns",
        meaning="Which names of a CSV header stand for which column.",
        places=(f"{_INTAKE}/csv_dialect.py::READING_TARGETS",),
    ),
    RuleMeaning(
        name="register: one file",
        meaning="Columns, types, limits, defaults of blank cells.",
        places=(
            f"{_REGISTER}/typed.py::typed_table",
            "cei_assets/contracts/tables/register.py::REGISTER_TABLES",
        ),
    ),
    RuleMeaning(
        name="register: several rows and files",
        meaning="References, one main incomer a site, the tree of meters, shifts, tariffs.",
        places=(
            f"{_REGISTER}/rules.py::RULES",
            f"{_REGISTER}/tariff_rules.py::TARIFF_RULES",
            f"{_REGISTER}/verdict.py::judge_register",
        ),
    ),
    RuleMeaning(
        name="revisions",
        meaning="Of several values for an interval the latest received holds, all are kept.",
        places=(
            f"{_MODELS}/intermediate/int_readings_versioned.sql::version_number",
            f"{_MODELS}/marts/readings/fct_revisions.sql::previous_usage_kwh",
        ),
    ),
    RuleMeaning(
        name="late",
        meaning="First received more than 24 hours after the interval's end.",
        places=(f"{_MODELS}/marts/readings/fct_interval_readings.sql::is_late",),
    ),
    RuleMeaning(
        name="expected intervals",
        meaning="From the register and the calendar of the site's zone, never from what arrived.",
        places=(f"{_MODELS}/intermediate/int_meters_expected.sql::expected_start_utc",),
    ),
    RuleMeaning(
        name="gaps",
        meaning="Maximal runs of missing intervals, across days; when they are alarms.",
        places=(
            f"{_MODELS}/intermediate/int_intervals_missing.sql::missing_start_utc",
            f"{_MODELS}/marts/completeness/fct_gaps.sql::is_alarm",
        ),
    ),
    RuleMeaning(
        name="silence",
        meaning="An expected meter whose open gap has lasted for `CEI_SILENT_HOURS` (24).",
        places=("cei_assets/checks/marts.py::silent_meters",),
    ),
    RuleMeaning(
        name="error counts",
        meaning="Which refused rows count for which organization, site and meter.",
        places=(f"{_MODELS}/marts/uploads/fct_error_counts_daily.sql::error_count",),
    ),
    RuleMeaning(
        name="sufficiency of data",
        meaning="When a baseline carries a claim of savings, and why not.",
        places=("cei_assets/core/baseline/history.py::insufficiency",),
    ),
    RuleMeaning(
        name="choice of model",
        meaning="Which model a meter's history allows.",
        places=("cei_assets/core/baseline/history.py::model_kind",),
    ),
    RuleMeaning(
        name="thresholds of detection",
        meaning="When each rule of waste fires.",
        places=(f"{_DETECTION}/settings.py::DetectionSettings",),
    ),
    RuleMeaning(
        name="severity and actionable",
        meaning="How loud an episode is, and whether it counts among the pilot's inefficiencies.",
        places=(
            "dbt_project/macros/episodes.sql::episode_severity",
            "dbt_project/macros/episodes.sql::episode_is_actionable",
        ),
    ),
    RuleMeaning(
        name="no kWh twice",
        meaning="Of several rules and of meters in a tree, which part of an excess counts.",
        places=(f"{_SAVINGS}/attribution.py::attribute_avoidable",),
    ),
    RuleMeaning(
        name="avoidable energy of a year",
        meaning="Scaling of what was found in the judged hours to a year, as an interval.",
        places=(f"{_SAVINGS}/annual.py::annualise",),
    ),
    RuleMeaning(
        name="avoided energy of a measure",
        meaning="Counterfactual less metered, with calibrated interval and detectability.",
        places=(f"{_SAVINGS}/avoided.py::avoided_energy",),
    ),
    RuleMeaning(
        name="money",
        meaning="Price of an hour's energy in the tariff that holds then.",
        places=("dbt_project/macros/money.sql::sum_cost",),
    ),
)
