"""The report's words: titles, notes and what is said when a figure has no rows."""

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "scope": "Scope of the pilot",
    "headline": "Avoidable energy of the pilot",
    "headline_cost": "Avoidable cost of the pilot",
    "headline_sites": "Avoidable energy and cost by site",
    "mapping": "Integration mapping",
    "calendar": "Completeness calendar",
    "completeness": "Completeness by meter",
    "gaps": "Longest gaps",
    "uploads": "Files received",
    "rejects": "Refused rows by code",
    "episodes": "Episodes of waste, actionable and costliest first",
    "avoidable": "Avoidable energy by meter and rule",
    "measures": "Avoided energy of measures",
    "baselines": "Fit of the baselines",
    "profile": "Mean day against the baseline",
    "heatmap": "Use by hour and day",
    "cusum": "Running sum of metered less baseline",
}

NOTES: Mapping[str, str] = {
    "headline_sites": (
        "A year's avoidable energy is the de-duplicated excess of open and acknowledged episodes, "
        "scaled to the share of the year for which the cause would persist."
    ),
    "mapping": "Which physical meter stands behind which identifiers. Site totals are the main "
    "incomer alone, never the main incomer and its sub-meters.",
    "completeness": "Least complete first. Expected intervals follow from the register and the "
    "calendar, never from what arrived.",
    "episodes": "An episode's excess lies between its two ends. Overlapping episodes, and a "
    "sub-meter's excess at its parent, count once in totals; the rows here are not meant to be "
    "added up.",
    "avoidable": "Without double counting: these rows add up to what the pilot counted.",
    "measures": "Counterfactual less metered energy since the measure was in place (IPMVP "
    "Option C), with the calibrated 90 % interval. The ASHRAE Guideline 14 uncertainty is shown "
    "for compliance and is too narrow on hourly data. Payback is capex over a year's saving at "
    "either end of the interval; none where that end saves nothing.",
    "baselines": "Of the latest judged month of each meter. Unseen: predicted by models that did "
    "not see the month. Guideline 14 asks for CV(RMSE) up to 30 % and NMBE within 10 % on hourly "
    "data; no saving is claimed from a baseline that does not suffice.",
    "profile": "Main incomer, judged hours, on the site's clock.",
    "heatmap": "Main incomer, complete hours only, on the site's clock.",
    "cusum": "Main incomer. Each judged month is held against a baseline of the 365 days before "
    "it, or of all there is.",
}

EMPTY: Mapping[str, str] = {
    "scope": "No meter was expected to send yet.",
    "headline": "No site has been judged yet.",
    "headline_cost": "No tariff covers the judged hours, so the energy has no price. Add the "
    "site's prices to register/tariffs.csv and run again.",
    "headline_sites": "No site is registered.",
    "mapping": "No meter is registered.",
    "calendar": "No meter was expected to send yet.",
    "completeness": "No meter was expected to send yet.",
    "gaps": "No gap: every expected interval has arrived.",
    "uploads": "No file has arrived yet.",
    "rejects": "No row was refused.",
    "episodes": "No episode of waste was found in the judged hours.",
    "avoidable": "No avoidable energy was found in the judged hours.",
    "measures": "No measure is registered, or none has a reporting period yet.",
    "baselines": "No baseline yet: a meter needs at least 7 days with 80 % of their hours.",
    "profile": "No judged hours yet: the baseline is still warming up.",
    "heatmap": "No complete hour has been received from the main incomer.",
    "cusum": "No judged hours yet: the baseline is still warming up.",
}
