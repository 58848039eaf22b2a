"""Columns of CDS tables beyond what a file holds: register, pulls, versions, hours, hand-over."""

from enum import StrEnum

from cei_assets.contracts.cds_vocabulary import CdsAccess, CdsObjectKind
from cei_assets.contracts.model import Field
from cei_assets.contracts.vocabulary import FlowDirection


def _values(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in enum)


# fmt: off
CDS_MODEL_FIELDS: tuple[Field, ...] = (
    # register
    Field(name="cds_reference", type="VARCHAR",
          description="The server's id of the thing, or the number that its customer sees."),
    Field(name="mapped_direction", type="VARCHAR", isin=_values(FlowDirection),
          description="Direction of the energy that the register's meter stands for; forward is "
                      "use from the grid, reverse is what was delivered to it."),
    Field(name="mapped_from", type="DATE",
          description="First local day for which the mapping holds; empty: from the beginning."),
    Field(name="mapped_to", type="DATE",
          description="Last local day for which the mapping holds; empty: to this day."),
    # pulls
    Field(name="batch_id", type="VARCHAR", description="Run of pulling that brought the file."),
    Field(name="object_kind", type="VARCHAR", isin=_values(CdsObjectKind),
          description="Kind of object that the listing gives."),
    Field(name="listing_number", type="BIGINT", ge=0, description="Listing within the run."),
    Field(name="page_number", type="BIGINT", ge=0, description="Page within the listing."),
    Field(name="page_count", type="BIGINT", ge=1, description="Pages of the listing."),
    Field(name="batch_file_count", type="BIGINT", ge=1, description="Files of the run."),
    Field(name="window_since_utc", type="TIMESTAMP",
          description="Start of the window that was asked for; empty: open."),
    Field(name="window_until_utc", type="TIMESTAMP",
          description="End of the window that was asked for; empty: open."),
    Field(name="is_filtered", type="BOOLEAN",
          description="Whether the listing was narrowed by more than its window, or cut short at "
                      "what an earlier run had read."),
    Field(name="cds_access", type="VARCHAR", isin=_values(CdsAccess),
          description="Whether its grants give all there is."),
    Field(name="grant_ids", type="VARCHAR",
          description="Grants that the listing was read with, sorted, with commas; empty when the "
                      "server names none. What another grant shows is not missing from it."),
    Field(name="server_timezone", type="VARCHAR",
          description="IANA zone of the server's local dates, where the pull knew one."),
)
# fmt: on
