{#
    The pilot's criteria, each written once: the query computes the value here and stands in the
    scorecard as the text that reproduces it on the published marts. It yields one row with
    metric_value and metric_value_high; {site} stands for the site.
#}
{% macro scorecard_metrics() -%}
    {%- set gap_share -%}
        100 * sum(gap_hours) / sum(expected_intervals * interval_seconds / 3600)
    {%- endset -%}
    {{ return([
        {
            'metric': 'coverage', 'unit': '%', 'target': 'over 95 %', 'rule': '> 95',
            'query': "select 100 * cast(sum(received_intervals) as double) "
                ~ "/ sum(expected_intervals) as metric_value, null as metric_value_high "
                ~ "from marts.fct_completeness_daily where site_id = '{site}'",
        },
        {
            'metric': 'gap_share', 'unit': '%', 'target': 'under 2 %', 'rule': '< 2',
            'query': "select " ~ gap_share ~ " as metric_value, null as metric_value_high "
                ~ "from marts.fct_completeness_daily "
                ~ "join marts.dim_meters using (site_id, meter_id) where site_id = '{site}'",
        },
        {
            'metric': 'worst_meter_gap_share', 'unit': '%', 'target': 'under 2 %', 'rule': '< 2',
            'query': "select max(gap_share) as metric_value, null as metric_value_high "
                ~ "from (select " ~ gap_share ~ " as gap_share "
                ~ "from marts.fct_completeness_daily "
                ~ "join marts.dim_meters using (site_id, meter_id) where site_id = '{site}' "
                ~ "group by meter_id)",
        },
        {
            'metric': 'actionable_inefficiencies', 'unit': 'count', 'target': 'at least 3',
            'rule': '>= 3',
            'query': "select count(*) as metric_value, null as metric_value_high "
                ~ "from marts.fct_anomaly_episodes where site_id = '{site}' and is_actionable "
                ~ "and episode_status in ('open', 'acknowledged')",
        },
        {
            'metric': 'avoidable_share', 'unit': '%',
            'query': "select max(100 * annual_low_kwh / nullif(annual_use_kwh, 0)) "
                ~ "as metric_value, max(100 * annual_high_kwh / nullif(annual_use_kwh, 0)) "
                ~ "as metric_value_high from marts.rpt_annual_avoidable where site_id = '{site}'",
        },
        {
            'metric': 'avoidable_cost', 'unit': '{currency}/a',
            'query': "select max(annual_cost_low) as metric_value, "
                ~ "max(annual_cost_high) as metric_value_high "
                ~ "from marts.rpt_annual_avoidable where site_id = '{site}'",
        },
    ]) }}
{%- endmacro %}
