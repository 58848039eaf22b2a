{# The programme's deadlines are read on the clock of Los Angeles. #}
{% macro csi_legal_time_as_utc(local) -%}
    timezone('UTC', timezone('America/Los_Angeles', cast({{ local }} as timestamp)))
{%- endmacro %}

{# Moment at which a month is over. #}
{% macro csi_month_end_utc(month) -%}
    {{ csi_legal_time_as_utc(month ~ ' + interval 1 month') }}
{%- endmacro %}

{# Last second that is on time: the 1st of the second month after, 23:59:59. #}
{% macro csi_due_at_utc(month) -%}
    {{ csi_legal_time_as_utc(month ~ ' + interval 2 month + interval 1 day - interval 1 second') }}
{%- endmacro %}

{# Cutoff of the run of the quarter that begins at `start`: the second after its last deadline. #}
{% macro csi_run_cutoff_utc(start) -%}
    {{ csi_legal_time_as_utc(start ~ ' + interval 4 month + interval 1 day') }}
{%- endmacro %}

{# Name of a date's calendar quarter, such as 2013-Q3. #}
{% macro csi_quarter(date) -%}
    (cast(year({{ date }}) as varchar) || '-Q' || cast(quarter({{ date }}) as varchar))
{%- endmacro %}
