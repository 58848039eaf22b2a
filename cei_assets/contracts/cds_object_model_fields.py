"""Columns of the tables that dbt builds from reference objects of CDS: histories, bills."""

from enum import StrEnum

from cei_assets.contracts.cds_fields import FINE_VALUE, SECONDS, VALUE
from cei_assets.contracts.cds_vocabulary import CdsRelation
from cei_assets.contracts.model import Field


class CdsBilledDirection(StrEnum):
    """What a section's billed use is: net, from the grid alone, or not said."""

    NET = "net"
    FORWARD = "forward"
    UNSPECIFIED = "unspecified"


def _values(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in enum)


_SHARE = "DECIMAL(18,6)"

# A dictionary to look things up in: two lines a column keep it on a third of the pages.
# fmt: off
CDS_OBJECT_MODEL_FIELDS: tuple[Field, ...] = (
    # listings
    Field(name="refused_count", type="BIGINT", ge=0,
          description="Objects of the page that were refused; they are there all the same."),
    Field(name="listing_began_utc", type="TIMESTAMP",
          description="When the first page of the listing arrived."),
    Field(name="listing_ended_utc", type="TIMESTAMP",
          description="When the last page of the listing arrived."),
    # histories
    Field(name="cds_object_id", type="VARCHAR", description="The server's id of the object."),
    Field(name="span_start", type="DATE",
          description="First day that the object is about, by which windows choose it; empty: its "
                      "list has no window."),
    Field(name="span_end", type="DATE",
          description="Last day that the object is about, by which windows choose it."),
    Field(name="object_version_number", type="BIGINT", ge=1,
          description="1 for the object's first version, one more for every later one."),
    Field(name="object_version_count", type="BIGINT", ge=1,
          description="How many versions of the object were seen."),
    Field(name="is_modified_repeated", type="BOOLEAN",
          description="Whether the version before it has the same cds_modified: the server changed "
                      "the object unseen."),
    Field(name="valid_from_utc", type="TIMESTAMP",
          description="From when on it held: cds_modified of the version, or its first observation "
                      "where the version before has the same."),
    Field(name="valid_to_utc", type="TIMESTAMP",
          description="Until when it held (excluded): where the next version begins; empty: to "
                      "this day."),
    Field(name="is_withdrawn", type="BOOLEAN",
          description="Whether the server lists all there is without the object."),
    Field(name="object_id", type="VARCHAR", description="The server's id of it."),
    Field(name="visible_number", type="VARCHAR", description="Number that its customer sees."),
    Field(name="is_electric", type="BOOLEAN",
          description="Whether electricity is among the commodities that it names."),
    Field(name="is_stated", type="BOOLEAN",
          description="Whether a body says it in this direction; else it is a stated relation, "
                      "read from its other end."),
    Field(name="owner_kind", type="VARCHAR", isin=_values(CdsRelation),
          description="Kind of what the use is of: meter, point, contract or account."),
    Field(name="owner_id", type="VARCHAR", description="The server's id of it."),
    Field(name="owned_from_utc", type="TIMESTAMP",
          description="From when on the thing's intervals are its use; empty: since ever, as "
                      "nothing older is known."),
    Field(name="owned_to_utc", type="TIMESTAMP",
          description="Until when (excluded); empty: to this day."),
    Field(name="has_usage", type="BOOLEAN",
          description="Whether segments give electric usage of the meter itself."),
    Field(name="mapping_line", type="VARCHAR",
          description="Line to add to cds_meters.csv for an electric meter without mapping."),
    # bills
    Field(name="charge_count", type="BIGINT", ge=0, description="Charges on the front page."),
    Field(name="included_charges_amount", type=VALUE, unit="currency",
          description="Sum of the charges that are part of the amount due; empty where the body "
                      "does not say which, or an amount cannot be read."),
    Field(name="unexplained_amount", type=VALUE, unit="currency",
          description="Amount due less unpaid balance less included charges: 0 by rule; empty "
                      "where the body does not give them."),
    Field(name="is_balanced", type="BOOLEAN",
          description="Whether that is 0; empty where it cannot be told."),
    Field(name="section_total", type=VALUE, unit="currency",
          description="Total over everything as the section states it; empty where it states none "
                      "or several."),
    Field(name="line_count", type="BIGINT", ge=0,
          description="Charges of the section, without rows that only total others."),
    Field(name="lines_amount", type=VALUE, unit="currency",
          description="Sum of these charges; empty where one cannot be read."),
    Field(name="section_difference", type=VALUE, unit="currency",
          description="Stated total less the sum of the charges."),
    # bills beside meters
    Field(name="meter_count", type="BIGINT", ge=0,
          description="Meters that the section names, without those of other commodities."),
    Field(name="billed_direction", type="VARCHAR", isin=_values(CdsBilledDirection),
          description="Direction of the billed use."),
    Field(name="billed_way", type="VARCHAR",
          description="What states it: total, reading, or the split whose parts were summed, such "
                      "as time of use."),
    Field(name="billed_kwh", type=FINE_VALUE, unit="kWh",
          description="Electric use that the section bills, each kWh once."),
    Field(name="is_billed_estimated", type="BOOLEAN",
          description="Whether the bill calls any of it estimated."),
    Field(name="billed_obstacle", type="VARCHAR",
          description="Why the section states no use; empty where it does."),
    Field(name="match_rank", type="INTEGER", ge=1, le=4,
          description="Narrowness: 1 meters that the section names, 2 points, 3 contracts, 4 "
                      "meters that these lead to."),
    Field(name="bill_start_utc", type="TIMESTAMP",
          description="Start of the first billed day in its zone."),
    Field(name="bill_end_utc", type="TIMESTAMP",
          description="End (excluded) of the last billed day in its zone."),
    Field(name="metered_by", type="VARCHAR", isin=_values(CdsRelation),
          description="Kind of thing whose intervals stand beside the bill."),
    Field(name="metered_count", type="BIGINT", ge=0, description="How many such things."),
    Field(name="metered_way", type="VARCHAR",
          description="Direction of the intervals: net, forward and reverse, forward, "
                      "unspecified."),
    Field(name="metered_seconds", type=SECONDS, unit="s", ge=0,
          description="Length of the intervals; 86,400 for local days, 2,592,000 for months."),
    Field(name="metered_use_kwh", type=FINE_VALUE, unit="kWh",
          description="Metered energy of the billed days, as far as there are intervals."),
    Field(name="covered_share", type=_SHARE, ge=0,
          description="Share of the billed days that the intervals cover, cut off at 6 places."),
    Field(name="estimated_share", type=_SHARE, ge=0,
          description="Share of the covered time whose readings are estimated."),
    Field(name="is_cut", type="BOOLEAN",
          description="Whether intervals were split by seconds at an edge of the billed days."),
    Field(name="is_doubled", type="BOOLEAN",
          description="Whether intervals of one thing cover more than the billed days."),
    Field(name="bill_difference_kwh", type=FINE_VALUE, unit="kWh",
          description="Billed less metered energy; empty where they cannot be compared."),
    Field(name="bill_difference_percent", type="DECIMAL(18,4)", unit="%",
          description="The difference in percent of the billed energy."),
    Field(name="is_comparable", type="BOOLEAN",
          description="Whether billed and metered energy can be compared."),
    Field(name="comparison_obstacle", type="VARCHAR",
          description="Why not; empty where they can."),
    Field(name="is_within_tolerance", type="BOOLEAN",
          description="Whether they agree within the tolerance that macros/cds_bills.sql sets."),
)
# fmt: on
