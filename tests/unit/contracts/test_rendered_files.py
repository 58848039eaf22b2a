"""Documents and dbt files that are rendered from the contracts, and the command that does it."""

from pathlib import Path

import pytest

from cei_assets.contracts.csi_rules import CSI_RULES
from cei_assets.contracts.csi_vocabulary import CsiRule
from cei_assets.contracts.render.__main__ import ROOT, main, rendered_files, stale_files
from cei_assets.contracts.render.dictionary import render_dictionary, render_rules
from cei_assets.contracts.rules import EPISODE_RULES, OTHER_RULES, RECORD_CODES
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.contracts.vocabulary import EpisodeRule, RecordCode
from cei_assets.core.csi.wording import severity_of


def test_nothing_that_is_rendered_is_stale() -> None:
    assert stale_files(ROOT) == (), "run `python -m cei_assets.contracts.render`"


def test_check_names_stale_files_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check"], root=tmp_path) == 1
    printed = capsys.readouterr().out
    assert "stale: docs/rules.md" in printed
    assert "stale: docs/data_dictionary.md" in printed
    assert list(tmp_path.iterdir()) == []


def test_render_writes_everything_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], root=tmp_path) == 0
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert written == set(rendered_files())
    assert main(["--check"], root=tmp_path) == 0
    capsys.readouterr()
    assert main([], root=tmp_path) == 0
    assert capsys.readouterr().out == ""


def test_an_edited_file_is_stale_and_a_left_over_staging_model_is_removed(tmp_path: Path) -> None:
    main([], root=tmp_path)
    edited = tmp_path / "docs" / "rules.md"
    edited.write_text(edited.read_text() + "by hand\n")
    left_over = tmp_path / "dbt_project/models/staging/gone/stg_gone__rows.sql"
    left_over.parent.mkdir()
    left_over.write_text("select 1")
    assert stale_files(tmp_path) == (
        "docs/rules.md",
        "dbt_project/models/staging/gone/stg_gone__rows.sql",
    )
    main([], root=tmp_path)
    assert stale_files(tmp_path) == ()
    assert not left_over.exists()


def test_every_column_of_every_public_mart_is_in_the_dictionary() -> None:
    sections = {part.split("\n", 1)[0]: part for part in render_dictionary().split("\n## ")[1:]}
    assert list(sections) == [table.name for table in MART_TABLES]
    for table in MART_TABLES:
        section = sections[table.name]
        assert table.description in section
        for column in table.columns:
            row = next(
                line for line in section.splitlines() if line.startswith(f"| `{column.name}` |")
            )
            cells = row.replace("\\|", "").split("|")
            assert len(cells) == 8, row
            assert cells[2].strip() == column.field.type
            assert cells[3].strip() == (column.field.unit or "")
            assert cells[4].strip() == ("yes" if column.nullable else "")


def test_dictionary_tells_grain_references_and_limits() -> None:
    section = render_dictionary().split("\n## fct_interval_readings\n")[1].split("\n## ")[0]
    assert "- Grain: `site_id`, `meter_id`, `interval_start_utc`." in section
    assert "every `receipt_id` in [fct_uploads](#fct_uploads)." in section
    assert "| 0 to 1000000 |" in section


def test_every_record_code_has_its_meaning_in_the_order_in_which_codes_apply() -> None:
    assert [rule.name for rule in RECORD_CODES] == list(RecordCode)
    text = render_rules()
    positions = [text.index(f"| `{code}` |") for code in RecordCode]
    assert positions == sorted(positions)


def test_every_episode_rule_has_its_meaning() -> None:
    assert [rule.name for rule in EPISODE_RULES] == list(EpisodeRule)
    for rule in EPISODE_RULES:
        assert f"| `{rule.name}` | {rule.meaning} |" in render_rules()


def test_every_csi_rule_has_its_meaning_and_severity_in_the_order_of_the_gates() -> None:
    assert [rule.name for rule in CSI_RULES] == list(CsiRule)
    words = {"reject": "Rejects. ", "warn": "Warns. ", "info": "Informs. ", "flag": "Flags. "}
    for rule in CSI_RULES:
        assert rule.meaning.startswith(words[severity_of(CsiRule(rule.name))])
        assert f"| `{rule.name}` | {rule.meaning} |" in render_rules()


@pytest.mark.parametrize(
    "place",
    [
        place
        for rule in (*RECORD_CODES, *EPISODE_RULES, *CSI_RULES, *OTHER_RULES)
        for place in rule.places
    ],
)
def test_a_rule_stands_where_the_list_says(place: str) -> None:
    path, _, name = place.partition("::")
    assert name in (ROOT / path).read_text(), f"{name} is not in {path}"
