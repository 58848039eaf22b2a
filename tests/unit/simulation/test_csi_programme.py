"""The simulated CSI-Thermal programme: uploads pass or fail the rules as the design says."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cei_assets.contracts.csi_vocabulary import (
    HEADER_TEMPLATE,
    BackupType,
    CsiResult,
    CsiRule,
)
from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.csi.finding import CsiVerdict
from cei_assets.core.csi.form import read_form
from cei_assets.core.csi.judge import judge_upload
from cei_assets.core.csi.program import CsiRegister
from cei_assets.simulation.csi_design import (
    FAILING_RULES,
    KINDS,
    ProgrammeDesign,
    StoryKind,
    demo_first_month,
    demo_programme,
    large_programme,
)
from cei_assets.simulation.csi_drops import write_programme
from cei_assets.simulation.csi_files import broken
from cei_assets.simulation.csi_programme import (
    REPLACED_AFTER,
    SimulatedUpload,
    csi_uploads,
    first_submitted,
)
from cei_assets.simulation.csi_readings import BACKUP_STEPS, month_bounds, system_readings
from cei_assets.simulation.csi_register_text import register_texts
from cei_assets.storage.csi_register import load_csi_register
from cei_assets.storage.paths import DataPaths

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FIELDS = {
    "application_id", "year", "month", "file_type", "original_filename", "uploader_pdp",
    "submitted_at",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A simulated upload with the verdict on its form and content."""

    upload: SimulatedUpload
    verdict: CsiVerdict

    @property
    def rules(self) -> set[CsiRule]:
        return {finding.rule for finding in self.verdict.findings}

    @property
    def warned(self) -> set[CsiRule]:
        return {finding.rule for finding in self.verdict.warnings}


@pytest.fixture(scope="module")
def design() -> ProgrammeDesign:
    return demo_programme(seed=7, first_month=demo_first_month(TODAY))


@pytest.fixture(scope="module")
def register(design: ProgrammeDesign, tmp_path_factory: pytest.TempPathFactory) -> CsiRegister:
    folder = tmp_path_factory.mktemp("register")
    for name, text in register_texts(design).items():
        (folder / f"{name}.csv").write_text(text)
    loaded = load_csi_register(folder)
    assert loaded.findings == ()
    return loaded.register


@pytest.fixture(scope="module")
def judged(design: ProgrammeDesign, register: CsiRegister) -> list[Judged]:
    return [
        Judged(upload=upload, verdict=verdict_on(upload, register))
        for upload in csi_uploads(design)
    ]


def verdict_on(upload: SimulatedUpload, register: CsiRegister) -> CsiVerdict:
    form = read_form(json.dumps(upload.form), received_at_utc=NOW, filename=upload.filename)
    return judge_upload(upload.content, form=form, register=register)


def of_story(design: ProgrammeDesign, judged: list[Judged], kind: StoryKind) -> list[list[Judged]]:
    """The uploads of every month with a story, attempts in order."""
    return [
        [
            one
            for one in judged
            if one.upload.form["application_id"]
            == design.applications[story.application].application_id
            and (one.upload.form["year"], one.upload.form["month"])
            == (design.month(story.month).year, design.month(story.month).month)
        ]
        for story in design.stories
        if story.kind is kind
    ]


def test_uploads_said_to_succeed_pass_form_and_content(judged: list[Judged]) -> None:
    assert [one.rules for one in judged if one.upload.breaks is None] == [
        set() for one in judged if one.upload.breaks is None
    ]


def test_uploads_said_to_fail_break_the_rule_they_name(judged: list[Judged]) -> None:
    failing = [one for one in judged if one.upload.breaks not in (None, CsiRule.U07)]
    assert {one.upload.breaks for one in failing} == {
        CsiRule.R08, CsiRule.R05, CsiRule.T06, CsiRule.U02,
    }  # fmt: skip
    for one in failing:
        assert one.upload.breaks in one.rules
        assert one.verdict.result is CsiResult.FAILURE


@pytest.mark.parametrize("rule", FAILING_RULES, ids=str)
@pytest.mark.parametrize("position", range(len(KINDS)))
def test_every_fault_breaks_its_rule_in_every_kind_of_system(
    design: ProgrammeDesign, register: CsiRegister, position: int, rule: CsiRule
) -> None:
    one_month = ProgrammeDesign(
        seed=3,
        first_month=design.first_month,
        months=1,
        applications=(design.applications[position],),
    )
    (upload,) = csi_uploads(one_month)
    assert verdict_on(upload, register).result is CsiResult.SUCCESS
    faulty = SimulatedUpload(
        filename=upload.filename,
        content=broken(upload.content, rule),
        form=upload.form,
        source=upload.source,
    )
    assert rule in {finding.rule for finding in verdict_on(faulty, register).findings}


def test_a_rule_without_an_example_is_refused() -> None:
    with pytest.raises(ValueError, match="CSI-T01"):
        broken(b"x\ny\n", CsiRule.T01)


def test_the_sent_twice_story_is_the_same_file_again(
    design: ProgrammeDesign, judged: list[Judged]
) -> None:
    ((first, again),) = of_story(design, judged, StoryKind.SENT_TWICE)
    assert again.upload.breaks is CsiRule.U07
    assert again.upload.content == first.upload.content
    assert again.verdict.result is CsiResult.SUCCESS


def test_only_late_months_and_replacements_are_late(
    design: ProgrammeDesign, judged: list[Judged]
) -> None:
    late = {one.upload.filename for one in judged if one.verdict.is_late}
    told = [
        group[-1].upload.filename
        for kind in (StoryKind.LATE_PAID, StoryKind.REPLACED, StoryKind.REPLACEMENT_FAILS)
        for group in of_story(design, judged, kind)
    ]
    assert late == set(told)


def test_a_gap_is_followed_by_one_value_that_catches_up(
    design: ProgrammeDesign, judged: list[Judged]
) -> None:
    ((one,),) = of_story(design, judged, StoryKind.CATCH_UP)
    assert one.verdict.empty_intervals == 104
    assert {CsiRule.W02, CsiRule.W03} <= one.warned


def test_a_dead_meter_leaves_the_month_empty_and_accepted(
    design: ProgrammeDesign, judged: list[Judged]
) -> None:
    ((one,),) = of_story(design, judged, StoryKind.ALL_EMPTY)
    assert one.verdict.empty_intervals == one.verdict.data_rows
    assert CsiRule.W01 in one.warned
    assert one.verdict.sums.total_btu is None


def test_a_meter_report_lies_in_its_own_folder(judged: list[Judged]) -> None:
    (meter,) = (one for one in judged if one.upload.source is UploadSource.CSI_METER)
    assert meter.upload.form["file_type"] == "meter_interval"
    assert meter.upload.content.startswith(b"PK")


def test_the_provider_changes_and_the_former_one_is_refused(
    design: ProgrammeDesign, judged: list[Judged], register: CsiRegister
) -> None:
    ((refused, taken),) = of_story(design, judged, StoryKind.CHANGED_PROVIDER)
    assert refused.rules == {CsiRule.U02}
    assert refused.upload.form["uploader_pdp"] != taken.upload.form["uploader_pdp"]
    application = str(taken.upload.form["application_id"])
    assert len(register.applications[application]) == 2


def test_forms_hold_the_fields_of_the_specification(judged: list[Judged]) -> None:
    assert all(set(one.upload.form) == FIELDS for one in judged)


def test_file_names_and_submissions_are_unique(judged: list[Judged]) -> None:
    for values in (
        [one.upload.filename for one in judged],
        [one.upload.form["submitted_at"] for one in judged],
    ):
        assert len(set(values)) == len(values)


def test_the_report_has_the_template_and_zeros_at_night(design: ProgrammeDesign) -> None:
    upload = next(
        one for one in csi_uploads(design) if str(one.form["application_id"]).startswith("SCG")
    )
    lines = upload.content.decode().splitlines()
    assert lines[0] == ",".join(HEADER_TEMPLATE)
    assert [line.split(",")[3] for line in lines[1:5]] == ["0", "0", "0", "0"]
    assert int(lines[1 + 48].split(",")[3]) > 0


def test_one_tank_heat_less_backup_is_the_solar_heat(design: ProgrammeDesign) -> None:
    for application in design.applications:
        kind = application.kind
        if kind.backup_type is BackupType.NONE:
            continue
        readings = system_readings(design, application)
        per_unit = 3412.142 if kind.backup_type is BackupType.ELECTRIC else 100_000
        efficiency = float(kind.baseline_efficiency)
        backup = readings.backup_steps.sum() / BACKUP_STEPS * per_unit
        displaced = readings.total_btu.sum() / efficiency - backup
        assert displaced == pytest.approx(readings.solar_btu.sum() / efficiency, rel=2e-4)


def test_water_counts_up_over_the_months(design: ProgrammeDesign) -> None:
    readings = system_readings(design, design.applications[0])
    assert (np.diff(readings.gallon_tenths) >= 0).all()
    assert month_bounds(design)[-1] == len(readings.gallon_tenths)


def test_more_sun_in_summer_than_in_winter() -> None:
    year = large_programme(seed=1, first_month=date(2025, 1, 1), applications=1, months=12)
    readings = system_readings(year, year.applications[0])
    bounds = month_bounds(year)
    january, july = (readings.solar_btu[bounds[m] : bounds[m + 1]].sum() for m in (0, 6))
    assert july > 1.5 * january


def test_the_same_design_gives_the_same_bytes_and_another_seed_others() -> None:
    def digests(seed: int) -> dict[str, str]:
        made = large_programme(seed=seed, first_month=date(2025, 1, 1), applications=4, months=3)
        return {
            upload.filename: hashlib.sha256(upload.content).hexdigest()
            for upload in csi_uploads(made)
        }

    assert digests(1) == digests(1)
    assert digests(1).keys() == digests(2).keys()
    assert not set(digests(1).values()) & set(digests(2).values())


def test_a_large_programme_has_an_upload_for_every_month() -> None:
    made = large_programme(seed=1, first_month=date(2025, 1, 1), applications=94, months=12)
    assert {story.kind for story in made.stories} == set(StoryKind)
    assert len(made.applications) == 94
    assert all(story.month < 12 for story in made.stories)
    few = large_programme(seed=1, first_month=date(2025, 1, 1), applications=5, months=2)
    months = Counter(
        (upload.form["application_id"], upload.form["month"]) for upload in csi_uploads(few)
    )
    assert len(months) == 10


@given(st.dates(min_value=date(2014, 1, 1), max_value=date(2099, 12, 31)))
def test_on_any_day_what_the_demo_tells_has_happened(today: date) -> None:
    made = demo_programme(seed=7, first_month=demo_first_month(today))
    last = [
        first_submitted(made, application.index, position)
        + (
            REPLACED_AFTER
            if made.story(application.index, position)
            in (StoryKind.REPLACED, StoryKind.REPLACEMENT_FAILS)
            else timedelta(days=2)
        )
        for application in made.applications
        for position in range(made.months)
    ]
    assert max(last).date() < today


def test_drops_are_complete_pairs_with_their_time_of_submission(
    design: ProgrammeDesign, tmp_path: Path
) -> None:
    paths = DataPaths(root=tmp_path)
    written = write_programme(design, paths=paths)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "csi" in path.parent.name]
    drops = [path for path in files if not path.name.endswith(".form.json")]
    assert len(drops) == written.uploads == len(files) / 2
    assert written.size_bytes == sum(path.stat().st_size for path in drops)
    for drop in drops:
        form = json.loads(drop.with_name(f"{drop.name}.form.json").read_bytes())
        submitted = datetime.fromisoformat(form["submitted_at"])
        assert drop.stat().st_mtime == submitted.timestamp()
    assert {path.stem for path in (tmp_path / "register").iterdir()} == set(register_texts(design))
