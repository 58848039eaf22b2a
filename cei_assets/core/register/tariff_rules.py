"""Rules of tariffs: one price, in one currency, for every hour of the week."""

from cei_assets.contracts.finding import FindingLevel
from cei_assets.core.register.rule import Rule, order_rule

_BANDS_OVERLAP = """
    earlier.site_id = later.site_id AND earlier.line < later.line
    AND earlier.valid_from <= coalesce(later.valid_to, DATE '9999-12-31')
    AND later.valid_from <= coalesce(earlier.valid_to, DATE '9999-12-31')
"""

TARIFF_RULES = (
    order_rule("tariffs", "valid_from", "valid_to"),
    Rule(
        name="hour_band_is_empty",
        table="tariffs",
        column="hour_to",
        needs=("tariffs",),
        query="""
            SELECT line, 'hours ' || hour_from || ' to ' || hour_to FROM tariffs
            WHERE hour_to <= hour_from
        """,
        expected="hour_to after hour_from",
        fix="split a band over midnight into two rows, e.g. 23 to 24 and 0 to 7",
    ),
    Rule(
        name="weekday_band_is_empty",
        table="tariffs",
        column="weekday_to",
        needs=("tariffs",),
        query="""
            SELECT line, 'weekdays ' || weekday_from || ' to ' || weekday_to FROM tariffs
            WHERE weekday_to < weekday_from
        """,
        expected="weekday_to on or after weekday_from (0 is Monday)",
        fix="split a band over Sunday into two rows",
    ),
    Rule(
        name="tariff_bands_overlap",
        table="tariffs",
        column="hour_from, weekday_from",
        needs=("tariffs",),
        query=f"""
            SELECT later.line, 'a band that overlaps line ' || min(earlier.line)
            FROM tariffs AS later JOIN tariffs AS earlier ON {_BANDS_OVERLAP}
                AND earlier.hour_from < later.hour_to AND later.hour_from < earlier.hour_to
                AND earlier.weekday_from <= later.weekday_to
                AND later.weekday_from <= earlier.weekday_to
            GROUP BY later.line
        """,
        expected="one price for every hour of a site",
        fix="narrow one band, or end the old row with valid_to the day before the new one",
    ),
    Rule(
        name="several_currencies_at_a_time",
        table="tariffs",
        column="currency",
        needs=("tariffs",),
        query=f"""
            SELECT later.line, later.currency || ', but ' || min(earlier.currency)
                || ' in line ' || min(earlier.line)
            FROM tariffs AS later JOIN tariffs AS earlier ON {_BANDS_OVERLAP}
                AND earlier.currency <> later.currency
            GROUP BY later.line, later.currency
        """,
        expected="one currency a site at a time",
        fix="convert the prices to one currency, or end one row with valid_to",
    ),
    Rule(
        name="tariff_does_not_cover_the_week",
        table="tariffs",
        column="valid_from",
        needs=("tariffs",),
        # A site's bands change only where a row starts; each such day is tried with all the
        # hours of a week.
        query="""
            WITH starts AS (
                SELECT site_id, valid_from AS day, min(line) AS line FROM tariffs
                WHERE valid_from IS NOT NULL GROUP BY ALL
            ), covered AS (
                SELECT starts.site_id, starts.day, starts.line,
                    count(DISTINCT (weekday.value, hour.value)) AS hours
                FROM starts
                JOIN tariffs ON tariffs.site_id = starts.site_id
                    AND tariffs.valid_from <= starts.day
                    AND starts.day <= coalesce(tariffs.valid_to, DATE '9999-12-31')
                JOIN generate_series(0, 6) AS weekday(value)
                    ON weekday.value BETWEEN tariffs.weekday_from AND tariffs.weekday_to
                JOIN generate_series(0, 23) AS hour(value)
                    ON hour.value >= tariffs.hour_from AND hour.value < tariffs.hour_to
                GROUP BY ALL
            )
            SELECT line, hours || ' of 168 hours of the week with a price for site '''
                || site_id || ''' from ' || day
            FROM covered WHERE hours < 168
        """,
        expected="a price for every hour of the week",
        fix="add bands for the other hours; energy without a price is reported without cost",
        level=FindingLevel.WARNING,
    ),
    Rule(
        name="tariff_has_a_gap",
        table="tariffs",
        column="valid_to",
        needs=("tariffs",),
        query="""
            SELECT ended.line, 'no price for site ''' || ended.site_id || ''' from '
                || (ended.valid_to + 1) || ' until ' || min(next.valid_from)
            FROM tariffs AS ended
            JOIN tariffs AS next
                ON next.site_id = ended.site_id AND next.valid_from > ended.valid_to + 1
            ANTI JOIN tariffs AS following
                ON following.site_id = ended.site_id
                AND following.valid_from <= ended.valid_to + 1
                AND coalesce(following.valid_to, DATE '9999-12-31') > ended.valid_to
            WHERE ended.valid_to >= ended.valid_from
            GROUP BY ended.line, ended.site_id, ended.valid_to
        """,
        expected="tariffs that follow each other without a gap",
        fix="start the next row on the day after valid_to",
        level=FindingLevel.WARNING,
    ),
    Rule(
        name="site_without_tariff",
        table="sites",
        column="site_id",
        needs=("sites", "tariffs"),
        query="""
            SELECT line, 'no tariff for site ''' || site_id || '''' FROM sites
            ANTI JOIN tariffs USING (site_id)
        """,
        expected="at least one row in register/tariffs.csv",
        fix="add a row with the price of a kWh; until then no cost is computed for the site",
        level=FindingLevel.WARNING,
    ),
)
