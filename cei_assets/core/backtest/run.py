"""Runs models over the cases of sites and scores them on the same hours."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from cei_assets.core.backtest.models import Model, masked
from cei_assets.core.backtest.scores import MeterScore, score_meter
from cei_assets.core.backtest.splits import (
    Case,
    Direction,
    Scheme,
    Split,
    cases_of,
    without_holidays,
)
from cei_assets.core.baseline.arrays import FloatArray
from cei_assets.core.baseline.frame import SiteFrame

HOURS_PER_YEAR = 8766.0


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a row of a backtest was measured under."""

    scheme: Scheme
    direction: Direction
    with_holidays: bool


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """The score of one model on one meter."""

    setting: Setting
    site_id: str
    meter_id: str
    score: MeterScore


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a model took under one setting: CPU seconds, meter-years fitted, peak memory.

    `seconds` are those of the model alone; `peak_mib` is of another process, None where the model
    ran in this one.
    """

    setting: Setting
    model: str
    seconds: float
    meter_years: float
    peak_mib: float | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A model's predictions (M, T) of every site, its failures by (site, row), and its cost."""

    usage: list[FloatArray]
    failed: dict[tuple[int, int], str]
    cost: Cost


@dataclass(kw_only=True)
class Comparison:
    """All rows of a backtest so far."""

    rows: list[ScoreRow] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    answers: dict[tuple[str, Scheme, Direction], "Answer"] = field(default_factory=dict)
    """What models that know no holidays said, kept for the other calendar."""

    def add(self, other: "Comparison") -> None:
        """Adds the rows of further sites; costs of one setting and model are summed."""
        self.rows += other.rows
        known = {(cost.setting, cost.model): at for at, cost in enumerate(self.costs)}
        for cost in other.costs:
            at = known.get((cost.setting, cost.model))
            if at is None:
                self.costs.append(cost)
                continue
            before = self.costs[at]
            self.costs[at] = replace(
                before,
                seconds=before.seconds + cost.seconds,
                meter_years=before.meter_years + cost.meter_years,
                peak_mib=_larger(before.peak_mib, cost.peak_mib),
            )


def compare(
    frames: Sequence[SiteFrame],
    models: Sequence[Model],
    *,
    calendars: Sequence[bool],
    schemes: Sequence[Scheme],
    cpu_clock: Callable[[], float],
    told: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Scores every model on every meter of the sites, under every setting their history allows.

    `calendars` says whether to use public holidays (True), to ignore them (False) or both in turn.
    `cpu_clock` gives CPU seconds, `told` hears what is being done. A model in `errors` for a meter
    counts as failed there; a model that raises fails the run.
    """
    comparison = Comparison()
    for with_holidays in calendars:
        seen = list(frames) if with_holidays else [without_holidays(frame) for frame in frames]
        for setting, members in _settings(seen, schemes, with_holidays=with_holidays):
            told(f"{setting.scheme}, {setting.direction}, holidays {with_holidays}")
            _compare_setting(comparison, seen, members, setting, models, cpu_clock)
    return comparison


def _settings(
    frames: Sequence[SiteFrame], schemes: Sequence[Scheme], *, with_holidays: bool
) -> Iterator[tuple[Setting, dict[int, Case]]]:
    """Every setting with the sites that have it."""
    members: dict[tuple[Scheme, Direction], dict[int, Case]] = {}
    for number, frame in enumerate(frames):
        for case in cases_of(frame):
            if case.scheme in schemes:
                members.setdefault((case.scheme, case.direction), {})[number] = case
    for (scheme, direction), found in members.items():
        yield Setting(scheme=scheme, direction=direction, with_holidays=with_holidays), found


def _compare_setting(
    comparison: Comparison,
    frames: Sequence[SiteFrame],
    members: dict[int, Case],
    setting: Setting,
    models: Sequence[Model],
    cpu_clock: Callable[[], float],
) -> None:
    chosen = [frames[number] for number in members]
    cases = list(members.values())
    answers: dict[str, Answer] = {}
    for model in models:
        if model.year_ahead_only and setting.scheme is not Scheme.YEAR_AHEAD:
            continue
        key = (model.name, setting.scheme, setting.direction)
        answer = comparison.answers.get(key) or _answer(chosen, cases, setting, model, cpu_clock)
        if model.ignores_holidays:
            comparison.answers[key] = answer
        answers[model.name] = answer
        comparison.costs.append(replace(answer.cost, setting=setting))
    for site, (frame, case) in enumerate(zip(chosen, cases, strict=True)):
        judged = np.logical_or.reduce([split.judged for split in case.splits])
        for meter, meter_id in enumerate(frame.meter_ids):
            scores = score_meter(
                usage=frame.usage[meter, judged],
                expected={
                    name: answer.usage[site][meter, judged] for name, answer in answers.items()
                },
                errors={
                    name: answer.failed[site, meter]
                    for name, answer in answers.items()
                    if (site, meter) in answer.failed
                },
                day=frame.day[judged],
                month=frame.month[judged],
            )
            comparison.rows.extend(
                ScoreRow(setting=setting, site_id=frame.site_id, meter_id=meter_id, score=score)
                for score in scores
            )


def _answer(
    frames: Sequence[SiteFrame],
    cases: Sequence[Case],
    setting: Setting,
    model: Model,
    cpu_clock: Callable[[], float],
) -> Answer:
    """Lets the model predict all splits, those of one rank of all sites together."""
    answer = Answer(
        usage=[np.full(frame.usage.shape, np.nan) for frame in frames],
        failed={},
        cost=Cost(setting=setting, model=model.name, seconds=0.0, meter_years=0.0, peak_mib=None),
    )
    for rank in range(max(len(case.splits) for case in cases)):
        answer = _with_rank(answer, rank, frames, cases, model, cpu_clock)
    return answer


def _with_rank(
    answer: Answer,
    rank: int,
    frames: Sequence[SiteFrame],
    cases: Sequence[Case],
    model: Model,
    cpu_clock: Callable[[], float],
) -> Answer:
    sites = [site for site, case in enumerate(cases) if rank < len(case.splits)]
    splits = [cases[site].splits[rank] for site in sites]
    hidden = [
        replace(frames[site], usage=masked(frames[site].usage, split))
        for site, split in zip(sites, splits, strict=True)
    ]
    start = cpu_clock()
    found = model.predict(hidden, splits)
    seconds = cpu_clock() - start if found.cpu_seconds is None else found.cpu_seconds
    for number, (site, split) in enumerate(zip(sites, splits, strict=True)):
        answer.usage[site][:, split.judged] = found.usage[number][:, split.judged]
    failed = {(sites[number], row): text for (number, row), text in found.errors.items()}
    cost = replace(
        answer.cost,
        seconds=answer.cost.seconds + seconds,
        meter_years=answer.cost.meter_years + _meter_years(hidden, splits),
        peak_mib=_larger(answer.cost.peak_mib, found.peak_mib),
    )
    return Answer(usage=answer.usage, failed=answer.failed | failed, cost=cost)


def _larger(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None


def _meter_years(frames: Sequence[SiteFrame], splits: Sequence[Split]) -> float:
    """Years of training hours of the meters that have any."""
    return sum(
        float(np.isfinite(frame.usage).any(axis=1).sum())
        * float(split.train.sum())
        / HOURS_PER_YEAR
        for frame, split in zip(frames, splits, strict=True)
    )
