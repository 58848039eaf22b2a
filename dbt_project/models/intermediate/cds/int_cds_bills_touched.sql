{#-
    Sections whose metered use has to be made anew: the section, its zone or what it is compared
    with is another than the warehouse holds, or a touched day lies in it. A section without digest
    has gone. What is held is found by name, because it is made from this model.
-#}
{%- set held = adapter.get_relation(target.database, 'intermediate', 'int_cds_metered_use')
    if execute else none -%}
{%- set is_whole = not held or is_full_build() -%}
with compared as (
    select
        cds_server,
        cds_billsection_id,
        string_agg(match_rank || ' ' || cds_resource, ',' order by match_rank, cds_resource)
            as things
    from {{ ref('int_cds_bill_resources') }}
    group by cds_server, cds_billsection_id
),

inputs as (
    select
        periods.cds_server,
        periods.cds_billsection_id,
        periods.bill_start_utc,
        periods.bill_end_utc,
        md5(concat_ws(
            '|',
            periods.object_version_id,
            periods.timezone,
            periods.bill_start_utc,
            periods.bill_end_utc,
            billed.billed_direction,
            compared.things
        )) as input_digest
    from {{ ref('int_cds_bill_periods') }} as periods
    left join {{ ref('int_cds_billed_use') }} as billed using (cds_server, cds_billsection_id)
    left join compared using (cds_server, cds_billsection_id)
)
{%- if is_whole %}

select cds_server, cds_billsection_id, input_digest
from inputs
{%- else %},

measured_anew as (
    select distinct inputs.cds_server, inputs.cds_billsection_id
    from inputs
    inner join {{ ref('int_cds_bill_resources') }} as resources
        using (cds_server, cds_billsection_id)
    inner join {{ ref('int_cds_days_touched') }} as touched
        on resources.cds_server = touched.cds_server
        and resources.cds_resource = touched.cds_resource
        and touched.utc_date >= cast(inputs.bill_start_utc as date) - 1
        and touched.utc_date <= cast(inputs.bill_end_utc as date)
)

select
    coalesce(inputs.cds_server, held.cds_server) as cds_server,
    coalesce(inputs.cds_billsection_id, held.cds_billsection_id) as cds_billsection_id,
    inputs.input_digest
from inputs
full outer join {{ held }} as held
    on inputs.cds_server = held.cds_server
    and inputs.cds_billsection_id = held.cds_billsection_id
left join measured_anew
    on inputs.cds_server = measured_anew.cds_server
    and inputs.cds_billsection_id = measured_anew.cds_billsection_id
where
    inputs.input_digest is distinct from held.input_digest
    or measured_anew.cds_server is not null
{%- endif %}
-- depends_on: {{ ref('int_cds_days_touched') }}
