"""Every rule over rows and files of the register: what it accepts and what it refuses."""

from dataclasses import dataclass, field

import pytest

from cei_assets.core.register.rules import RULES
from tests.small_register import LINE, MAIN, findings

Rows = dict[str, tuple[str, ...]]
FLAT = "mill,2026-01-01,,EUR,0.2,0,24,0,6"
SECOND_SITE = "forge,acme,Forge,Europe/Rome,IT,,,"
MILL = "mill,acme,Mill,Europe/Rome,IT,TO,,"


@dataclass(frozen=True, kw_only=True)
class Case:
    """Rows that a rule accepts, rows that it refuses, and the finding these give.

    Without rows to accept, the small register itself is what the rule accepts.
    """

    rule: str
    accepted: Rows = field(default_factory=dict)
    refused: Rows
    line: int
    column: str
    found: str


CASES = (
    Case(
        rule="sites_reference_organizations",
        accepted={"organizations": ("acme,Acme", "other,Other")},
        refused={"organizations": ("acmee,Acme",)},
        line=2,
        column="organization_id",
        found="'acme'",
    ),
    Case(
        rule="meters_reference_sites",
        refused={"meters": (MAIN, LINE, MAIN.replace("mill", "mil"))},
        line=4,
        column="site_id",
        found="'mil'",
    ),
    Case(
        rule="operating_hours_reference_sites",
        refused={"operating_hours": ("mil,0,06:00,14:00,2026-01-01,",)},
        line=2,
        column="site_id",
        found="'mil'",
    ),
    Case(
        rule="closures_reference_sites",
        refused={"closures": ("mil,2026-08-10,2026-08-23,",)},
        line=2,
        column="site_id",
        found="'mil'",
    ),
    Case(
        rule="tariffs_reference_sites",
        refused={"tariffs": (FLAT, FLAT.replace("mill", "mil"))},
        line=3,
        column="site_id",
        found="'mil'",
    ),
    Case(
        rule="measures_reference_meters",
        accepted={"measures": ("leaks,mill,main,Leaks,2026-05-04,,",)},
        refused={"measures": ("leaks,mill,lyne,Leaks,2026-05-04,,",)},
        line=2,
        column="site_id, meter_id",
        found="'mill', 'lyne'",
    ),
    Case(
        rule="site_without_main_incomer",
        accepted={"meters": (MAIN,), "measures": ()},
        refused={
            "sites": (MILL, SECOND_SITE),
            "tariffs": (FLAT, FLAT.replace("mill", "forge")),
        },
        line=3,
        column="site_id",
        found="no main_incomer at site 'forge'",
    ),
    Case(
        rule="several_main_incomers",
        accepted={
            "sites": (MILL, SECOND_SITE),
            "tariffs": (FLAT, FLAT.replace("mill", "forge")),
            "meters": (MAIN, LINE, MAIN.replace("mill", "forge")),
        },
        refused={"meters": (MAIN, LINE, MAIN.replace("main,", "main2,", 1))},
        line=4,
        column="role",
        found="main_incomer again for site 'mill', first in line 2",
    ),
    Case(
        rule="main_incomer_with_parent",
        refused={"meters": (MAIN.replace("main_incomer,,", "main_incomer,grid,"), LINE)},
        line=2,
        column="parent_meter_id",
        found="'grid'",
    ),
    Case(
        rule="submeter_without_parent",
        refused={"meters": (MAIN, LINE.replace("submeter,main,", "submeter,,"))},
        line=3,
        column="parent_meter_id",
        found="an empty cell",
    ),
    Case(
        rule="parent_not_at_site",
        accepted={"meters": (MAIN, LINE, "mill,press,Press,submeter,line,900,end,2026-01-01,")},
        refused={
            "sites": (MILL, SECOND_SITE),
            "tariffs": (FLAT, FLAT.replace("mill", "forge")),
            "meters": (
                MAIN,
                LINE,
                "forge,incomer,Incomer,main_incomer,,3600,start,2026-01-01,",
                "forge,press,Press,submeter,main,3600,start,2026-01-01,",
            ),
        },
        line=5,
        column="parent_meter_id",
        found="'main'",
    ),
    Case(
        rule="cycle_of_parents",
        accepted={"meters": (MAIN, LINE, "mill,press,Press,submeter,line,900,end,2026-01-01,")},
        refused={
            "meters": (
                MAIN,
                LINE.replace("submeter,main", "submeter,press"),
                "mill,press,Press,submeter,line,900,end,2026-01-01,",
            )
        },
        line=3,
        column="parent_meter_id",
        found="'press', which leads back to 'line'",
    ),
    Case(
        rule="interval_does_not_divide_the_hour",
        accepted={"meters": (MAIN.replace("3600", "1800"), LINE)},
        refused={"meters": (MAIN.replace("3600", "7200"), LINE)},
        line=2,
        column="interval_seconds",
        found="'7200'",
    ),
    Case(
        rule="meters_expected_from_before_expected_to",
        accepted={"meters": (MAIN + "2026-01-01", LINE)},
        refused={"meters": (MAIN + "2025-12-31", LINE)},
        line=2,
        column="expected_to",
        found="2025-12-31 before expected_from 2026-01-01",
    ),
    Case(
        rule="operating_hours_valid_from_before_valid_to",
        accepted={"operating_hours": ("mill,0,06:00,14:00,2026-01-01,2026-01-01",)},
        refused={"operating_hours": ("mill,0,06:00,14:00,2026-01-01,2025-12-31",)},
        line=2,
        column="valid_to",
        found="2025-12-31 before valid_from 2026-01-01",
    ),
    Case(
        rule="closures_first_day_before_last_day",
        accepted={"closures": ("mill,2026-08-10,2026-08-10,",)},
        refused={"closures": ("mill,2026-08-10,2026-08-09,",)},
        line=2,
        column="last_day",
        found="2026-08-09 before first_day 2026-08-10",
    ),
    Case(
        rule="operating_hours_overlap",
        accepted={
            "operating_hours": (
                "mill,0,22:00,06:00,2026-01-01,",
                "mill,1,06:00,14:00,2026-01-01,",
                "mill,2,00:00,24:00,2026-01-01,2026-06-30",
                "mill,2,06:00,14:00,2026-07-01,",
            )
        },
        refused={
            "operating_hours": ("mill,0,22:00,06:00,2026-01-01,", "mill,1,05:59,14:00,2026-01-01,")
        },
        line=3,
        column="opens",
        found="05:59 to 14:00, which overlaps line 2",
    ),
    Case(
        rule="operating_hours_overlap",
        accepted={
            "operating_hours": ("mill,6,22:00,06:00,2026-01-01,", "mill,0,06:00,14:00,2026-01-01,")
        },
        refused={
            "operating_hours": ("mill,6,22:00,06:00,2026-01-01,", "mill,0,05:00,14:00,2026-01-01,")
        },
        line=3,
        column="opens",
        found="05:00 to 14:00, which overlaps line 2",
    ),
    Case(
        rule="tariffs_valid_from_before_valid_to",
        refused={"tariffs": (FLAT.replace("2026-01-01,,", "2026-01-01,2025-12-31,"),)},
        line=2,
        column="valid_to",
        found="2025-12-31 before valid_from 2026-01-01",
    ),
    Case(
        rule="hour_band_is_empty",
        accepted={
            "tariffs": (FLAT.replace("0,24,0,6", "0,7,0,6"), FLAT.replace("0,24,0,6", "7,24,0,6"))
        },
        refused={"tariffs": (FLAT.replace("0,24,0,6", "22,7,0,6"),)},
        line=2,
        column="hour_to",
        found="hours 22 to 7",
    ),
    Case(
        rule="weekday_band_is_empty",
        accepted={
            "tariffs": (FLAT.replace("0,24,0,6", "0,24,0,4"), FLAT.replace("0,24,0,6", "0,24,5,6"))
        },
        refused={"tariffs": (FLAT.replace("0,24,0,6", "0,24,5,1"),)},
        line=2,
        column="weekday_to",
        found="weekdays 5 to 1",
    ),
    Case(
        rule="tariff_bands_overlap",
        accepted={
            "tariffs": (
                FLAT.replace("2026-01-01,,", "2026-01-01,2026-06-30,"),
                FLAT.replace("2026-01-01,", "2026-07-01,"),
            )
        },
        refused={"tariffs": (FLAT, "mill,2026-03-01,,EUR,0.3,8,9,2,2")},
        line=3,
        column="hour_from, weekday_from",
        found="a band that overlaps line 2",
    ),
    Case(
        rule="several_currencies_at_a_time",
        accepted={
            "tariffs": (
                FLAT.replace("2026-01-01,,", "2026-01-01,2026-06-30,"),
                FLAT.replace("2026-01-01,,EUR", "2026-07-01,,CHF"),
            ),
            "measures": (),
        },
        refused={
            "tariffs": (FLAT.replace("0,24,0,6", "0,12,0,6"), "mill,2026-01-01,,CHF,0.2,12,24,0,6")
        },
        line=3,
        column="currency",
        found="CHF, but EUR in line 2",
    ),
    Case(
        rule="tariff_does_not_cover_the_week",
        refused={"tariffs": (FLAT.replace("0,24,0,6", "0,23,0,6"),)},
        line=2,
        column="valid_from",
        found="161 of 168 hours of the week with a price for site 'mill' from 2026-01-01",
    ),
    Case(
        rule="tariff_has_a_gap",
        accepted={
            "tariffs": (
                FLAT.replace("2026-01-01,,", "2026-01-01,2026-06-30,"),
                FLAT.replace("2026-01-01,", "2026-07-01,"),
            )
        },
        refused={
            "tariffs": (
                FLAT.replace("2026-01-01,,", "2026-01-01,2026-06-30,"),
                FLAT.replace("2026-01-01,", "2026-07-03,"),
            )
        },
        line=2,
        column="valid_to",
        found="no price for site 'mill' from 2026-07-01 until 2026-07-03",
    ),
    Case(
        rule="site_without_tariff",
        accepted={
            "sites": (MILL, SECOND_SITE),
            "meters": (MAIN, LINE, MAIN.replace("mill", "forge")),
            "tariffs": (FLAT, FLAT.replace("mill", "forge")),
        },
        refused={
            "sites": (MILL, SECOND_SITE),
            "meters": (MAIN, LINE, MAIN.replace("mill", "forge")),
        },
        line=3,
        column="site_id",
        found="no tariff for site 'forge'",
    ),
    Case(
        rule="emission_factor_of_unknown_site",
        accepted={"emission_factors": (",mill,2026,0.25,contract",)},
        refused={"emission_factors": (",mil,2026,0.25,contract",)},
        line=2,
        column="site_id",
        found="'mil'",
    ),
    Case(
        rule="emission_factor_of_country_or_site",
        refused={"emission_factors": ("IT,mill,2026,0.25,published",)},
        line=2,
        column="country, site_id",
        found="both",
    ),
    Case(
        rule="emission_factor_of_country_or_site",
        refused={"emission_factors": (",,2026,0.25,published",)},
        line=2,
        column="country, site_id",
        found="neither",
    ),
    Case(
        rule="capex_without_currency",
        accepted={"measures": ("leaks,mill,line,Leaks,2026-05-04,,",)},
        refused={"measures": ("leaks,mill,line,Leaks,2026-05-04,4800,",)},
        line=2,
        column="currency",
        found="capex 4800.00 without currency",
    ),
    Case(
        rule="capex_in_another_currency",
        refused={"measures": ("leaks,mill,line,Leaks,2026-05-04,4800,CHF",)},
        line=2,
        column="currency",
        found="CHF, but the site's tariff in EUR",
    ),
)


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == {rule.name for rule in RULES}


def test_every_rule_accepts_the_small_register() -> None:
    assert findings() == ()


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.accepted], ids=lambda case: case.rule
)
def test_rule_accepts(case: Case) -> None:
    assert [str(finding) for finding in findings(**case.accepted)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_rule_refuses_and_says_where_what_and_how(case: Case) -> None:
    rule = next(rule for rule in RULES if rule.name == case.rule)
    where = f"register/{rule.table}.csv"
    hits = [
        finding
        for finding in findings(**case.refused)
        if (finding.where, finding.line, finding.column) == (where, case.line, case.column)
    ]
    assert [finding.found for finding in hits] == [case.found]
    assert hits[0].level is rule.level
    message = str(hits[0])
    assert message.startswith(f"{where}:{case.line}: ")
    assert all(part in message for part in (case.column, case.found, rule.expected, rule.fix))


def test_a_rule_on_a_file_that_cannot_be_read_blames_no_other_file() -> None:
    found = findings(sites=("mill,acme",))
    assert [(finding.where, finding.line) for finding in found] == [("register/sites.csv", 2)]
