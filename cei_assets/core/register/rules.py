"""Rules over several rows or tables of the register; those of tariffs stand in `tariff_rules`."""

from cei_assets.contracts.tables.register import REGISTER_TABLES
from cei_assets.core.register.rule import Rule, order_rule
from cei_assets.core.register.tariff_rules import TARIFF_RULES


def _reference_rules() -> tuple[Rule, ...]:
    rules = []
    for table in REGISTER_TABLES:
        for reference in table.references:
            keys = ", ".join(reference.columns)
            shown = " || ''', ''' || ".join(reference.columns)
            rules.append(
                Rule(
                    name=f"{table.name}_reference_{reference.table}",
                    table=table.name,
                    column=keys,
                    needs=(table.name, reference.table),
                    query=f"SELECT line, '''' || {shown} || '''' FROM {table.name} "
                    f"ANTI JOIN {reference.table} USING ({keys}) "
                    f"WHERE {' AND '.join(f'{key} IS NOT NULL' for key in reference.columns)}",
                    expected=f"{keys} of a row in register/{reference.table}.csv",
                    fix=f"correct the spelling or add the row to {reference.table}.csv",
                )
            )
    return tuple(rules)


_METER_RULES = (
    Rule(
        name="site_without_main_incomer",
        table="sites",
        column="site_id",
        needs=("sites", "meters"),
        query="""
            SELECT line, 'no main_incomer at site ''' || site_id || '''' FROM sites
            ANTI JOIN (SELECT site_id FROM meters WHERE role = 'main_incomer') USING (site_id)
        """,
        expected="exactly one meter with role main_incomer in register/meters.csv",
        fix="give the meter that measures the whole site the role main_incomer",
    ),
    Rule(
        name="several_main_incomers",
        table="meters",
        column="role",
        needs=("meters",),
        query="""
            SELECT line, 'main_incomer again for site ''' || site_id || ''', first in line '
                   || min(line) OVER site
            FROM meters WHERE role = 'main_incomer'
            WINDOW site AS (PARTITION BY site_id)
            QUALIFY line > min(line) OVER site
        """,
        expected="exactly one main_incomer a site",
        fix="make the others sub-meters, or register each incomer as a site of its own",
    ),
    Rule(
        name="main_incomer_with_parent",
        table="meters",
        column="parent_meter_id",
        needs=("meters",),
        query="""
            SELECT line, '''' || parent_meter_id || '''' FROM meters
            WHERE role = 'main_incomer' AND parent_meter_id IS NOT NULL
        """,
        expected="no parent, since nothing is upstream of a main incomer",
        fix="empty the cell, or make the meter a submeter",
    ),
    Rule(
        name="submeter_without_parent",
        table="meters",
        column="parent_meter_id",
        needs=("meters",),
        query="""
            SELECT line, 'an empty cell' FROM meters
            WHERE role = 'submeter' AND parent_meter_id IS NULL
        """,
        expected="the meter_id of the meter upstream",
        fix="name the site's main incomer, or the sub-meter that this one is a part of",
    ),
    Rule(
        name="parent_not_at_site",
        table="meters",
        column="parent_meter_id",
        needs=("meters",),
        query="""
            SELECT child.line, '''' || child.parent_meter_id || '''' FROM meters AS child
            ANTI JOIN meters AS parent
                ON parent.site_id = child.site_id AND parent.meter_id = child.parent_meter_id
            WHERE child.parent_meter_id IS NOT NULL AND child.role = 'submeter'
        """,
        expected="a meter of the same site",
        fix="correct the spelling, or add the parent at this site",
    ),
    Rule(
        name="cycle_of_parents",
        table="meters",
        column="parent_meter_id",
        needs=("meters",),
        query="""
            WITH RECURSIVE upstream(site_id, meter_id, ancestor) AS (
                SELECT site_id, meter_id, parent_meter_id FROM meters
                WHERE parent_meter_id IS NOT NULL
                UNION
                SELECT upstream.site_id, upstream.meter_id, meters.parent_meter_id
                FROM upstream JOIN meters
                    ON meters.site_id = upstream.site_id AND meters.meter_id = upstream.ancestor
                WHERE meters.parent_meter_id IS NOT NULL
            )
            SELECT line, '''' || parent_meter_id || ''', which leads back to '''
                   || meter_id || '''' FROM meters
            SEMI JOIN (SELECT site_id, meter_id FROM upstream WHERE meter_id = ancestor)
                USING (site_id, meter_id)
        """,
        expected="parents that lead up to the main incomer",
        fix="name the meter that is electrically upstream",
    ),
    Rule(
        name="interval_does_not_divide_the_hour",
        table="meters",
        column="interval_seconds",
        needs=("meters",),
        query="""
            SELECT line, '''' || interval_seconds || '''' FROM meters
            WHERE interval_seconds >= 1 AND 3600 % interval_seconds <> 0
        """,
        expected="3600 or a divisor of it, e.g. 900",
        fix="write the length of the meter's interval in seconds",
    ),
    order_rule("meters", "expected_from", "expected_to"),
)

_CALENDAR_RULES = (
    order_rule("operating_hours", "valid_from", "valid_to"),
    order_rule("closures", "first_day", "last_day"),
    Rule(
        name="operating_hours_overlap",
        table="operating_hours",
        column="opens",
        needs=("operating_hours",),
        # Minutes of the week, so that a shift over midnight meets the next day's, and Sunday's
        # meets Monday's.
        query="""
            WITH minutes AS (
                SELECT *, hour(opens::TIME) * 60 + minute(opens::TIME) AS opens_minute,
                    split_part(closes, ':', 1)::INTEGER * 60
                        + split_part(closes, ':', 2)::INTEGER AS closes_minute
                FROM operating_hours
                WHERE regexp_full_match(opens, '([01]\\d|2[0-3]):[0-5]\\d')
                  AND regexp_full_match(closes, '(([01]\\d|2[0-3]):[0-5]\\d|24:00)')
            ), shifts AS (
                SELECT *, weekday * 1440 + opens_minute AS first_minute,
                    weekday * 1440 + closes_minute
                        + CASE WHEN closes_minute <= opens_minute THEN 1440 ELSE 0 END
                        AS end_minute
                FROM minutes
            )
            SELECT DISTINCT later.line, later.opens || ' to ' || later.closes
                || ', which overlaps line ' || earlier.line
            FROM shifts AS later
            JOIN shifts AS earlier
                ON earlier.site_id = later.site_id AND earlier.line < later.line
                AND earlier.valid_from <= coalesce(later.valid_to, DATE '9999-12-31')
                AND later.valid_from <= coalesce(earlier.valid_to, DATE '9999-12-31')
            JOIN (VALUES (-10080), (0), (10080)) AS week(shift)
                ON earlier.first_minute + week.shift < later.end_minute
                AND later.first_minute < earlier.end_minute + week.shift
        """,
        expected="shifts of a site that do not overlap",
        fix="end a shift where the next one starts, or give one row a valid_to",
    ),
)

_OTHER_RULES = (
    Rule(
        name="emission_factor_of_unknown_site",
        table="emission_factors",
        column="site_id",
        needs=("emission_factors", "sites"),
        query="""
            SELECT line, '''' || site_id || '''' FROM emission_factors
            ANTI JOIN sites USING (site_id) WHERE site_id IS NOT NULL
        """,
        expected="site_id of a row in register/sites.csv",
        fix="correct the spelling, or use country instead",
    ),
    Rule(
        name="emission_factor_of_country_or_site",
        table="emission_factors",
        column="country, site_id",
        needs=("emission_factors",),
        query="""
            SELECT line, CASE WHEN country IS NULL THEN 'neither' ELSE 'both' END
            FROM emission_factors WHERE (country IS NULL) = (site_id IS NULL)
        """,
        expected="either a country or a site_id",
        fix="fill in country for a grid's factor, site_id for a site's own contract",
    ),
    Rule(
        name="capex_without_currency",
        table="measures",
        column="currency",
        needs=("measures",),
        query="""
            SELECT line, 'capex ' || capex || ' without currency' FROM measures
            WHERE capex IS NOT NULL AND currency IS NULL
        """,
        expected="the currency of capex",
        fix="write e.g. EUR",
    ),
    Rule(
        name="capex_in_another_currency",
        table="measures",
        column="currency",
        needs=("measures", "tariffs"),
        query="""
            SELECT DISTINCT measures.line, measures.currency || ', but the site''s tariff in '
                || tariffs.currency
            FROM measures JOIN tariffs
                ON tariffs.site_id = measures.site_id
                AND tariffs.valid_from <= measures.implemented_on
                AND measures.implemented_on <= coalesce(tariffs.valid_to, DATE '9999-12-31')
                AND tariffs.currency <> measures.currency
        """,
        expected="the currency in which the site pays for energy",
        fix="convert capex; a payback mixes no currencies",
    ),
)

RULES: tuple[Rule, ...] = (
    *_reference_rules(),
    *_METER_RULES,
    *_CALENDAR_RULES,
    *TARIFF_RULES,
    *_OTHER_RULES,
)
