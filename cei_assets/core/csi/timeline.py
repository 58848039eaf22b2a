"""The programme's timeline: an application's term, its quarters, and when a quarter is run.

Months are named by their first day, quarters as `2013-Q3`. Source: the guide's timeline (term of
24 months from the month after ICF approval, paid by calendar quarter).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from cei_assets.core.csi.months import due_at_utc, next_month

TERM_MONTHS = 24
_QUARTER_MONTHS = 3
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")


@dataclass(frozen=True, kw_only=True)
class TermQuarter:
    """A calendar quarter of a term with those of its months that belong to the term."""

    quarter: str
    months: tuple[date, ...]


@dataclass(frozen=True, kw_only=True)
class Term:
    """The months that an application reports, first and last included."""

    first_data_month: date
    last_data_month: date

    @property
    def months(self) -> tuple[date, ...]:
        """Every month of the term, in order."""
        return months_between(self.first_data_month, self.last_data_month)

    @property
    def quarters(self) -> tuple[TermQuarter, ...]:
        """The quarters that are paid: 9, or 8 when the first month opens a quarter."""
        return tuple(
            TermQuarter(quarter=quarter, months=tuple(months))
            for quarter, months in groupby(self.months, quarter_of)
        )


def term_of(icf_approved: date, *, schedule_override: date | None = None) -> Term:
    """The 24 months from the month after ICF approval, or from the administrator's override.

    Approval on the 1st or on the 31st of August begins in September alike.
    """
    first = schedule_override.replace(day=1) if schedule_override else next_month(icf_approved)
    return Term(first_data_month=first, last_data_month=next_month(first, TERM_MONTHS - 1))


def months_between(first: date, last: date) -> tuple[date, ...]:
    """Months from that of `first` to that of `last`, both included; none when last is earlier."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(next_month(first, number) for number in range(count))


def quarter_of(month: date) -> str:
    """Name of the calendar quarter of a date, such as `2013-Q3`."""
    return f"{month.year}-Q{(month.month - 1) // _QUARTER_MONTHS + 1}"


def quarter_months(quarter: str) -> tuple[date, date, date]:
    """The three months of a quarter. ValueError for a name not like `2013-Q3`."""
    named = _QUARTER.fullmatch(quarter)
    if named is None:
        raise ValueError(f"{quarter!r} is not a quarter; expected a name like 2013-Q3")
    first = date(int(named[1]), (int(named[2]) - 1) * _QUARTER_MONTHS + 1, 1)
    return first, next_month(first), next_month(first, 2)


def run_cutoff_utc(quarter: str, *, zone: str) -> datetime:
    """From when a quarter's payment run may be made, naive UTC.

    The 2nd day of the second month after the quarter, 00:00 in `zone`: the quarter's last month
    was on time until the second before. What was submitted or decided before it counts.
    """
    return due_at_utc(quarter_months(quarter)[-1], zone=zone) + timedelta(seconds=1)


def runs_due(first_month: date, *, as_of_utc: datetime, zone: str) -> tuple[str, ...]:
    """Quarters from that of `first_month` whose run may be made by a clock (naive UTC), in order.

    Runs go on after the last term has ended: a month that comes late is paid by the next one.
    """
    quarters = dict.fromkeys(
        quarter_of(month) for month in months_between(first_month, as_of_utc.date())
    )
    return tuple(quarter for quarter in quarters if run_cutoff_utc(quarter, zone=zone) <= as_of_utc)
