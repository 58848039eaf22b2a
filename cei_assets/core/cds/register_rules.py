"""Rules over the rows of `cds_meters.csv`, as queries for what breaks them."""

from cei_assets.contracts.finding import FindingLevel
from cei_assets.contracts.tables.cds_hand_over import CDS_METERS
from cei_assets.core.register.rule import Rule, order_rule

ROWS = """
    CREATE VIEW mapped AS
    SELECT *,
        resource_kind || ' ''' || cds_reference || ''' of ' || cds_server AS thing,
        coalesce(mapped_from, DATE '0001-01-01') AS first_day,
        coalesce(mapped_to, DATE '9999-12-31') AS last_day
    FROM cds_meters
"""
"""The rows as the rules need them."""


def _of_pairs(found: str, where: str) -> str:
    """A row and the first row above it that holds on a day of its own and fulfils `where`."""
    return f"""
        SELECT DISTINCT ON (later.line) later.line, {found}
        FROM mapped AS later JOIN mapped AS earlier
            ON earlier.line < later.line
            AND earlier.first_day <= later.last_day AND later.first_day <= earlier.last_day
            AND {where}
        ORDER BY later.line, earlier.line
    """


_SAME_THING = (
    "later.cds_server = earlier.cds_server AND later.resource_kind = earlier.resource_kind "
    "AND later.cds_reference = earlier.cds_reference"
)
_SAME_METER = "later.site_id = earlier.site_id AND later.meter_id = earlier.meter_id"
_METER = "'''' || later.meter_id || ''' at site ''' || later.site_id || ''''"

REFERENCE_RULES = (
    Rule(
        name="unknown_site",
        table=CDS_METERS.name,
        column="site_id",
        needs=(),
        query="""
            SELECT line, '''' || site_id || '''' FROM mapped
            ANTI JOIN sites USING (site_id) WHERE site_id IS NOT NULL
        """,
        expected="site_id of a row in register/sites.csv",
        fix="correct the spelling or add the site to sites.csv",
    ),
    Rule(
        name="unknown_meter",
        table=CDS_METERS.name,
        column="meter_id",
        needs=(),
        query="""
            SELECT line, '''' || meter_id || ''' at site ''' || site_id || '''' FROM mapped
            SEMI JOIN sites USING (site_id) ANTI JOIN meters USING (site_id, meter_id)
            WHERE meter_id IS NOT NULL
        """,
        expected="meter_id of a row in register/meters.csv at this site",
        fix="correct the spelling or add the meter to meters.csv",
    ),
)

ROW_RULES = (
    order_rule(CDS_METERS.name, "mapped_from", "mapped_to"),
    Rule(
        name="mapped_twice",
        table=CDS_METERS.name,
        column="cds_reference",
        needs=(),
        query=_of_pairs(
            "later.mapped_direction || ' energy of ' || later.thing || ', mapped in line ' "
            "|| earlier.line || ' for days of these'",
            f"{_SAME_THING} AND later.mapped_direction = earlier.mapped_direction",
        ),
        expected="one row for a thing, a direction and a day",
        fix="remove one of the rows, or end the earlier with mapped_to the day before the other's "
        "mapped_from",
    ),
    Rule(
        name="meter_of_two_directions",
        table=CDS_METERS.name,
        column="mapped_direction",
        needs=(),
        query=_of_pairs(
            f"later.mapped_direction || ' energy for ' || {_METER} || ', which has ' "
            "|| earlier.mapped_direction || ' in line ' || earlier.line",
            f"{_SAME_METER} AND later.mapped_direction <> earlier.mapped_direction",
        ),
        expected="one direction of energy for a meter of the register",
        fix="register a meter for each direction",
    ),
    Rule(
        name="meter_of_several_things",
        table=CDS_METERS.name,
        column="meter_id",
        needs=(),
        query=_of_pairs(
            f"{_METER} || ' for ' || later.thing || ', and in line ' || earlier.line || ' for ' "
            "|| earlier.thing",
            f"{_SAME_METER} AND later.mapped_direction = earlier.mapped_direction "
            f"AND NOT ({_SAME_THING})",
        ),
        expected="one thing for a meter on any day",
        fix="register a meter for each, or bound them by mapped_from and mapped_to: where both "
        "have a value for an interval, neither is read; leave it where one took the other's place",
        level=FindingLevel.WARNING,
    ),
)
