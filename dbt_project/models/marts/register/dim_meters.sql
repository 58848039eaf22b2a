with recursive tree as (
    select site_id, meter_id, 0 as tree_depth
    from {{ ref('stg_register__meters') }}
    where role = 'main_incomer'
    union all
    select meters.site_id, meters.meter_id, tree.tree_depth + 1 as tree_depth
    from {{ ref('stg_register__meters') }} as meters
    inner join tree
        on meters.site_id = tree.site_id
        and meters.parent_meter_id = tree.meter_id
    where meters.role = 'submeter'
)

-- a meter that the tree does not reach has no depth, which the contract refuses
select
    meters.site_id,
    meters.meter_id,
    meters.description,
    meters.role,
    meters.parent_meter_id,
    tree.tree_depth,
    meters.interval_seconds,
    meters.interval_label,
    meters.expected_from,
    meters.expected_to
from {{ ref('stg_register__meters') }} as meters
left join tree using (site_id, meter_id)
