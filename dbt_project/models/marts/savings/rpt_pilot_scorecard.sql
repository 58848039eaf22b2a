{%- set marts = {
    'marts.fct_completeness_daily': ref('fct_completeness_daily'),
    'marts.dim_meters': ref('dim_meters'),
    'marts.fct_anomaly_episodes': ref('fct_anomaly_episodes'),
    'marts.rpt_annual_avoidable': ref('rpt_annual_avoidable'),
} -%}

with sites as (
    select
        sites.site_id,
        coalesce(annual.currency, 'currency') as currency
    from {{ ref('dim_sites') }} as sites
    left join {{ ref('rpt_annual_avoidable') }} as annual using (site_id)
),

measured as (
    {%- for metric in scorecard_metrics() %}
    {%- set computed = namespace(query=metric.query | replace("'{site}'", 'sites.site_id')) %}
    {%- for name, relation in marts.items() %}
        {%- set computed.query = computed.query | replace(name, relation | string) %}
    {%- endfor %}
    select
        sites.site_id,
        '{{ metric.metric }}' as metric,
        cast(found.metric_value as double) as metric_value,
        cast(found.metric_value_high as double) as metric_value_high,
        replace('{{ metric.unit }}', '{currency}', sites.currency) as unit,
        {{ "'" ~ metric.target ~ "'" if metric.target else 'cast(null as varchar)' }} as target,
        {{ 'found.metric_value ' ~ metric.rule if metric.rule else 'cast(null as boolean)' }}
            as is_met,
        replace(
            '{{ metric.query | replace("'", "''") }}',
            '{site}',
            replace(sites.site_id, '''', '''''')
        ) as query
    from sites
    cross join lateral ({{ computed.query }}) as found
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select *
from measured
order by site_id, metric
