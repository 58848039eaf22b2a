{{ config(materialized='incremental', incremental_strategy='replace_cds_bills') }}

{#-
    Metered use of a section's days, from the things that it bills. Of a thing the finest series
    that covers the days counts, in the direction that is billed; of the kinds of things the
    narrowest that covers them. Where nothing does, what covers most.
-#}
with bills as (
    select
        periods.cds_server,
        periods.cds_billsection_id,
        periods.bill_start_utc,
        periods.bill_end_utc,
        epoch_us(periods.bill_end_utc) - epoch_us(periods.bill_start_utc) as bill_us,
        coalesce(billed.billed_direction, 'unspecified') as billed_direction,
        touched.input_digest
    from {{ ref('int_cds_bills_touched') }} as touched
    inner join {{ ref('int_cds_bill_periods') }} as periods using (cds_server, cds_billsection_id)
    left join {{ ref('int_cds_billed_use') }} as billed using (cds_server, cds_billsection_id)
    where touched.input_digest is not null
),

things as (
    select bills.*, resources.match_rank, resources.resource_kind, resources.cds_resource
    from bills
    inner join {{ ref('int_cds_bill_resources') }} as resources
        using (cds_server, cds_billsection_id)
),

-- joined day by day: a join by ranges would look at every interval for every bill
days as (
    select
        *,
        cast(unnest(generate_series(
            cast(bill_start_utc - interval 1 hour as date),
            cast(bill_end_utc as date),
            interval 1 day
        )) as date) as utc_date
    from things
),

-- Intervals of up to an hour are cut at the edges of local days off the full hour; of longer ones
-- nobody knows how they spread. Local days and calendar months are lengths of their own in seconds
-- and one here.
pieces as (
    select
        days.cds_server,
        days.cds_billsection_id,
        days.match_rank,
        days.cds_resource,
        days.bill_us,
        days.billed_direction,
        coalesce(energy.flow_direction, 'unspecified') as direction,
        case
            when energy.cds_interval_seconds between 82800 and 90000 then 86400
            when energy.cds_interval_seconds between 2415600 and 2682000 then 2592000
            else energy.cds_interval_seconds
        end as metered_seconds,
        energy.energy_kwh,
        energy.reading_quality,
        greatest(energy.interval_start_utc, days.bill_start_utc) as from_utc,
        least(energy.cds_interval_end_utc, days.bill_end_utc) as to_utc,
        epoch_us(energy.cds_interval_end_utc) - epoch_us(energy.interval_start_utc) as whole_us,
        epoch_us(to_utc) - epoch_us(from_utc) as piece_us
    from days
    inner join {{ ref('int_cds_energy') }} as energy
        on days.cds_server = energy.cds_server
        and days.cds_resource = energy.cds_resource
        and days.utc_date = energy.utc_date
        and energy.cds_interval_end_utc > days.bill_start_utc
        and energy.interval_start_utc < days.bill_end_utc
    where
        abs(energy.energy_kwh) < {{ largest_energy_kwh() }}
        and (piece_us = whole_us or energy.cds_interval_seconds <= 3600)
),

series as (
    select
        cds_server,
        cds_billsection_id,
        match_rank,
        cds_resource,
        metered_seconds,
        any_value(bill_us) as bill_us,
        any_value(billed_direction) as billed_direction,
        min(from_utc) as first_utc,
        max(to_utc) as last_utc,
        bool_or(piece_us < whole_us) as is_cut,
        {%- for direction in ['net', 'forward', 'reverse', 'unspecified'] %}
        sum({{ part_of_energy('energy_kwh', 'piece_us', 'whole_us') }})
            filter (where direction = '{{ direction }}') as {{ direction }}_kwh,
        sum(piece_us) filter (where direction = '{{ direction }}') as {{ direction }}_us,
        coalesce(sum(piece_us) filter (
            where direction = '{{ direction }}' and reading_quality = 'estimated'
        ), 0) as {{ direction }}_estimated_us
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from pieces
    group by cds_server, cds_billsection_id, match_rank, cds_resource, metered_seconds
),

ways as (
    {%- for way, kwh, us, estimated in [
        ('net', 'net_kwh', 'net_us', 'net_estimated_us'),
        ('forward and reverse', 'forward_kwh + reverse_kwh', 'least(forward_us, reverse_us)',
         'greatest(forward_estimated_us, reverse_estimated_us)'),
        ('unspecified', 'unspecified_kwh', 'unspecified_us', 'unspecified_estimated_us'),
        ('forward', 'forward_kwh', 'forward_us', 'forward_estimated_us'),
    ] %}
    select
        cds_server, cds_billsection_id, match_rank, cds_resource, metered_seconds, bill_us,
        billed_direction, first_utc, last_utc, is_cut,
        '{{ way }}' as metered_way,
        {{ kwh }} as metered_use_kwh,
        {{ us }} as covered_us,
        {{ estimated }} as estimated_us
    from series
    where {{ kwh }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- what was billed as forward is not compared with net while there is anything better, and the
-- other way round
ranked as (
    select
        *,
        covered_us = bill_us as is_covered,
        (billed_direction = 'forward') <> (metered_way = 'forward')
        and metered_way <> 'unspecified' as is_second_choice,
        list_position(
            case billed_direction
                when 'net' then ['net', 'forward and reverse', 'unspecified', 'forward']
                when 'forward' then ['forward', 'unspecified', 'net', 'forward and reverse']
                else ['unspecified', 'net', 'forward and reverse', 'forward']
            end,
            metered_way
        ) as way_rank
    from ways
),

by_thing as (
    select *
    from ranked
    qualify row_number() over (
        partition by cds_server, cds_billsection_id, match_rank, cds_resource
        order by
            is_covered desc,
            is_second_choice,
            case when is_covered then metered_seconds end,
            covered_us desc,
            metered_seconds,
            way_rank
    ) = 1
),

-- meters that followed one another cover the days together; meters beside each other each have to
spans as (
    select
        *,
        coalesce(
            lag(last_utc) over (
                partition by cds_server, cds_billsection_id, match_rank
                order by first_utc, last_utc, cds_resource
            ) > first_utc,
            false
        ) as overlaps
    from by_thing
),

by_kind as (
    select
        things.cds_server,
        things.cds_billsection_id,
        things.match_rank,
        any_value(things.resource_kind) as resource_kind,
        count(*) as thing_count,
        string_agg(distinct spans.metered_way, ', ' order by spans.metered_way) as metered_way,
        max(spans.metered_seconds) as metered_seconds,
        bool_or(spans.is_cut) as is_cut,
        cast(sum(spans.metered_use_kwh) as decimal(38, 15)) as metered_use_kwh,
        sum(spans.covered_us) as covered_us,
        sum(spans.estimated_us) as estimated_us,
        any_value(things.bill_us) * case
            when count(spans.cds_resource) = count(*) and not bool_or(spans.overlaps) then 1
            else count(*)
        end as expected_us,
        max(spans.covered_us) > any_value(things.bill_us) as is_doubled
    from things
    left join spans using (cds_server, cds_billsection_id, match_rank, cds_resource)
    group by things.cds_server, things.cds_billsection_id, things.match_rank
),

best as (
    select *
    from by_kind
    where covered_us is not null
    qualify row_number() over (
        partition by cds_server, cds_billsection_id
        order by covered_us = expected_us desc, covered_us * 1000000 // expected_us desc, match_rank
    ) = 1
)

select
    bills.cds_server,
    bills.cds_billsection_id,
    bills.input_digest,
    best.resource_kind as metered_by,
    coalesce(best.thing_count, 0) as metered_count,
    best.metered_way,
    cast(best.metered_seconds as decimal(18, 6)) as metered_seconds,
    best.metered_use_kwh,
    coalesce({{ share_of('best.covered_us', 'best.expected_us') }}, 0) as covered_share,
    {{ share_of('best.estimated_us', 'best.covered_us') }} as estimated_share,
    coalesce(best.is_cut, false) as is_cut,
    coalesce(best.is_doubled, false) as is_doubled
from bills
left join best using (cds_server, cds_billsection_id)
