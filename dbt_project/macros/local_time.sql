{#
    The zone arithmetic of the project. `local_time` reads a UTC clock as the clock of the site:
    the argument `zone_day` is the alias of an int_zone_days row of the same zone and UTC day.
    Looking the offset up is some fifty times faster than timezone() with a zone in a column.
#}
{% macro local_time(utc, zone_day) -%}
    ({{ utc }} + to_seconds(
        case
            when {{ utc }} < {{ zone_day }}.offset_changes_at_utc
                then {{ zone_day }}.offset_before_seconds
            else {{ zone_day }}.offset_after_seconds
        end
    ))
{%- endmacro %}

{% macro zone_day_of(utc, zone, zone_day) -%}
    {{ zone_day }}.timezone = {{ zone }}
    and {{ zone_day }}.calendar_date = cast({{ utc }} as date)
{%- endmacro %}

{# Local less UTC time of an instant, in seconds; the only place that asks the zone database. #}
{% macro utc_offset_seconds(utc, zone) -%}
    cast(
        epoch(timezone({{ zone }}, timezone('UTC', {{ utc }}))) - epoch({{ utc }}) as integer
    )
{%- endmacro %}
