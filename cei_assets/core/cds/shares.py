"""Whether the shares of a supply mix add up to one."""

from decimal import Decimal

import duckdb
import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.core.cds.decimals import plain
from cei_assets.core.cds.finding import Findings

TOLERANCE = Decimal("0.01")
"""Shares are rounded when they are published; a hundred of them may be off by a hundredth."""

_SUMS = """
with shares as (
    select
        * exclude (supply_attribution),
        -- An individual mix and the residual one share out the same energy; the base mix is whole.
        coalesce(supply_attribution, '') = 'base' as is_base
    from mix
), kinds as (
    select
        *,
        bool_or(supply_type = 'carbonfree') over one_mix as has_carbonfree,
        bool_or(supply_type = 'natural_gas') over one_mix as has_natural_gas
    from shares
    window one_mix as (
        partition by segment_version_id, set_position, described_position, is_base
    )
)
select segment_version_id, set_position, sum(share)
from kinds
where supply_type is null or not (
    (has_carbonfree and supply_type in ('solar', 'wind', 'hydro', 'geothermal', 'nuclear'))
    or (has_natural_gas and supply_type = 'peaker')
)
group by segment_version_id, set_position, described_position, is_base
having count(share) = count(*) and abs(sum(share) - 1) > $tolerance
order by min(row_number)
"""


def check_shares(mix: pa.Table, pointers: dict[str, str], *, findings: Findings) -> None:
    """Tell every set of shares that does not add up to one, give or take a hundredth.

    Kinds that another kind of the same mix contains are left out, since they are counted in it
    (carbonfree holds solar, wind, hydro, geothermal and nuclear; natural_gas holds peakers); so
    are sets with a missing share. `pointers` leads from segment versions into the file.
    """
    if not mix.num_rows:
        return
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("mix", mix.append_column("row_number", pa.array(range(mix.num_rows))))
        found = connection.execute(_SUMS, {"tolerance": TOLERANCE}).fetchall()
    for version, set_position, total in found:
        findings.tell(
            CdsCode.SHARES_SUM,
            f"{pointers[version]}/values/{set_position}",
            "the shares of the supply mix do not add up to 1",
            plain(total),
        )
