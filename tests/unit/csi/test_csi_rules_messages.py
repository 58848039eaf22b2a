"""Messages: shape, escaping, the first 20 of a rule and the count of all, severities."""

import re

import pytest

from cei_assets.contracts.csi_vocabulary import CsiRule, CsiSeverity
from cei_assets.core.csi.wording import FindingCollector, escaped, quoted, severity_of
from tests.csi_reports import Rows, edits, fill, first, judged, put, report

SHAPE = re.compile(
    r'CSI-[A-Z][0-9]{2}( line [0-9]+(, column [A-L] "[^"]+")?| column [A-L] "[^"]+")?: .*\.',
    re.DOTALL,
)


def test_a_message_names_rule_line_column_value_and_fix() -> None:
    verdict = judged(report(edit=put("D", "1234.5", line=62)))
    assert first(verdict, "R08").message == (
        'CSI-R08 line 62, column D "Solar BTUs delivered (2-Tank System)": '
        "value '1234.5' is not an integer. "
        "Write whole BTU without decimals, separators or exponent, or leave the cell empty."
    )


def test_the_machine_form_has_every_part() -> None:
    verdict = judged(report(edit=put("E", "1234.5", line=62)))
    machine = verdict.findings[0].as_json()
    message = machine.pop("message")
    assert message.startswith("CSI-R08 line 62, column E ")
    assert machine == {
        "rule": "CSI-R08",
        "line": 62,
        "column": "E",
        "column_name": "Total BTUs delivered (1-Tank System)",
        "value": "1234.5",
        "count": 1,
    }


def test_the_first_20_of_a_rule_are_listed_and_all_are_counted() -> None:
    verdict = judged(report(edit=edits(fill("E", "x"), put("F", "y"))))
    integers = [finding for finding in verdict.findings if finding.rule is CsiRule.R08]
    assert [finding.line for finding in integers] == list(range(2, 22))
    assert {finding.count for finding in integers} == {2880}
    assert first(verdict, "R09").count == 1


def test_findings_come_by_rule_in_the_order_of_the_gates() -> None:
    def everything(rows: Rows) -> None:
        for letter in "LHGFEDCBA":
            put(letter, "=bad", line=5)(rows)

    rules = [finding.rule.name for finding in judged(report(edit=everything)).findings]
    order = [rule.name for rule in CsiRule]
    assert rules == sorted(rules, key=order.index)


@pytest.mark.parametrize(
    "edit",
    [put(letter, cell) for letter in "ABCDEFGHIL" for cell in ("x", "-1", "", "=1", "a\nb\x07")],
)
def test_every_message_has_the_shape_and_no_control_character(edit: object) -> None:
    verdict = judged(report(edit=edit))
    for finding in (*verdict.findings, *verdict.warnings):
        assert SHAPE.fullmatch(finding.message), finding.message
        assert finding.message.startswith(finding.rule.value)
        assert finding.message.isprintable()
        assert (finding.value or "").isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1234.5", "'1234.5'"),
        ("", "''"),
        ("a\r\n\tb", r"'a\r\n\tb'"),
        ("\x1b[31mred\x07", r"'\x1b[31mred\x07'"),
        ("back\\slash", r"'back\\slash'"),
        ("it's", '"it\'s"'),
        ("\u202eabc\u200b\u2028", r"'\u202eabc\u200b\u2028'"),
        ("caf\u00e9 \u00b0C", "'caf\u00e9 \u00b0C'"),
        ("\ufeffid", r"'\ufeffid'"),
        ("\U0001f600\U000e0001", "'\U0001f600\\U000e0001'"),
    ],
)
def test_values_are_shown_as_repr(text: str, shown: str) -> None:
    assert quoted(text) == shown == repr(text)


@pytest.mark.parametrize("text", ["x" * 81, "\x00" * 21, "\U000e0001" * 9, "\n" * 41, "x" * 99_999])
def test_values_are_cut_at_80_characters(text: str) -> None:
    assert len(escaped(text)) <= 80
    assert escaped(text).endswith("\u2026")
    assert not escaped(text)[:-1].endswith("\\")


@pytest.mark.parametrize("text", ["x" * 80, "\n" * 40, "\x00" * 20, "'" * 80])
def test_values_of_80_characters_are_whole(text: str) -> None:
    assert escaped(text) == (text if text.isprintable() else repr(text)[1:-1])


def test_severities_are_those_of_the_catalogue() -> None:
    by_severity = {
        severity: {rule.name for rule in CsiRule if severity_of(rule) is severity}
        for severity in CsiSeverity
    }
    assert by_severity[CsiSeverity.FLAG] == {"L01"}
    assert by_severity[CsiSeverity.INFO] == {"U08", "W02", "W03", "W09", "W11"}
    assert by_severity[CsiSeverity.WARN] == {"W01", "W05", "W06", "W07", "W08", "W10", "W13", "W14"}
    assert all(name[0] in "UFHRTX" for name in by_severity[CsiSeverity.REJECT])


def test_a_finding_may_stand_for_several_breaches() -> None:
    found = FindingCollector()
    for number in range(30):
        found.add(CsiRule.T06, f"{number}.", count=10)
    assert len(found.rejecting()) == 20
    assert {finding.count for finding in found.rejecting()} == {300}
    assert found.rejects()
    assert found.telling() == ()
