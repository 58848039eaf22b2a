{#
    How long a rule may be silent within one episode, in hours. Closed hours come in runs with
    working hours between them: from Friday night to Monday night it takes three and a half days,
    from one weekend to the next seven and a half.
#}
{% macro bridged_hours(rule) -%}
    case {{ rule }}
        when 'night_load' then 84
        when 'weekend_load' then 180
        when 'spike' then 3
        when 'baseline_deviation' then 24
        when 'baseload_drift' then 36
    end
{%- endmacro %}

{#
    How loud an episode is, from the excess relative to the reference and from the hours flagged.
    critical: at least half of the reference again, for 24 hours or more;
    warning:  at least a tenth of the reference again, for 4 hours or more; a spike at any length
              when it is at least half of the reference again;
    info:     anything less.
    A reference of zero makes any excess as large as can be.
#}
{% macro episode_severity(rule, excess, reference, hours) -%}
    case
        when {{ excess }} >= 0.5 * {{ reference }} and {{ hours }} >= 24 then 'critical'
        when {{ excess }} >= 0.1 * {{ reference }} and {{ hours }} >= 4 then 'warning'
        when {{ rule }} = 'spike' and {{ excess }} >= 0.5 * {{ reference }} then 'warning'
        else 'info'
    end
{%- endmacro %}

{# Worth somebody's time: surely waste, more than one hour of it, and loud enough. #}
{% macro episode_is_actionable(excess_low, hours, severity) -%}
    {{ excess_low }} > 0 and {{ hours }} >= 2 and {{ severity }} <> 'info'
{%- endmacro %}
