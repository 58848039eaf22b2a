"""The integration mapping: what the client calls a meter, and what its data must call it."""

import duckdb
import pyarrow as pa

from cei_assets.contracts.fields import FIELDS
from cei_assets.contracts.model import Column, Field, Table
from cei_assets.contracts.render.arrow import arrow_schema

_EXAMPLE = Field(
    name="example_timestamp_utc",
    type="VARCHAR",
    description="timestamp_utc to send for the interval from 08:00 on the site's clock, on the "
    "first expected day.",
)
INTEGRATION_MAPPING = Table(
    name="integration_mapping",
    layer="raw",
    subject="register",
    description="Physical sites and meters, and the identifiers under which their data are sent.",
    columns=(
        *(
            Column(field=FIELDS[name])
            for name in ("organization_name", "site_name", "description", "site_id", "meter_id")
        ),
        Column(field=FIELDS["role"]),
        Column(field=FIELDS["parent_meter_id"], nullable=True),
        Column(field=FIELDS["interval_seconds"]),
        Column(field=FIELDS["unit"]),
        Column(field=FIELDS["interval_label"]),
        Column(field=_EXAMPLE),
    ),
    grain=("site_id", "meter_id"),
)

_QUERY = """
    SELECT organization_name, site_name, description, site_id, meter_id, role, parent_meter_id,
        interval_seconds, 'kWh' AS unit, interval_label,
        strftime(
            timezone('UTC', timezone(timezone, expected_from + INTERVAL 8 HOUR))
                + CASE interval_label WHEN 'end' THEN to_seconds(interval_seconds)
                    ELSE INTERVAL 0 SECOND END,
            '%Y-%m-%dT%H:%M:%SZ'
        ) AS example_timestamp_utc
    FROM meters JOIN sites USING (site_id) JOIN organizations USING (organization_id)
    ORDER BY organization_name, site_name, role, meter_id
"""


def integration_mapping(tables: dict[str, pa.Table]) -> pa.Table:
    """One row a meter: the client's words beside the identifiers, unit and example timestamp.

    `tables` are those of a valid register. The example is the timestamp that names the interval
    which starts at 08:00 local time on the meter's first expected day: its start, or its end
    where the meter's `interval_label` says so. Rows are ordered by organization and site, main
    incomer first.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in ("organizations", "sites", "meters"):
            connection.register(name, tables[name])
        return connection.sql(_QUERY).to_arrow_table().cast(arrow_schema(INTEGRATION_MAPPING))
