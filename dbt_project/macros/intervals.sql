{#
    Intervals lie on the grid of the site's clock: a local midnight is an anchor of it, also in
    zones off the full hour.
#}

{# Number of whole intervals between two instants; none when they are out of order. #}
{% macro interval_count(start_utc, end_utc, seconds) -%}
    greatest(0, datediff('second', {{ start_utc }}, {{ end_utc }}) // {{ seconds }})
{%- endmacro %}

{# End of the last whole interval before an instant, counted from an anchor. #}
{% macro last_interval_end(anchor_utc, utc, seconds) -%}
    ({{ anchor_utc }} + to_seconds(
        {{ interval_count(anchor_utc, utc, seconds) }} * {{ seconds }}
    ))
{%- endmacro %}

{# Start of the local hour, as UTC: on the full hour of UTC in most zones, not in all. #}
{% macro hour_start_utc(utc, local) -%}
    ({{ utc }} - ({{ local }} - date_trunc('hour', {{ local }})))
{%- endmacro %}

{# First day of a date's month. #}
{% macro month_of(date) -%}
    cast(date_trunc('month', {{ date }}) as date)
{%- endmacro %}

{# Minutes after midnight of a time written HH:MM; 24:00 is the day's end. #}
{% macro minute_of(text) -%}
    (cast(left({{ text }}, 2) as integer) * 60 + cast(right({{ text }}, 2) as integer))
{%- endmacro %}

{# Whether a value lies in a band, ends included, that may run over the end of its cycle. #}
{% macro in_cyclic_band(value, first, last) -%}
    case
        when {{ first }} <= {{ last }} then {{ value }} between {{ first }} and {{ last }}
        else {{ value }} >= {{ first }} or {{ value }} <= {{ last }}
    end
{%- endmacro %}

{# A text as a field of a CSV line. #}
{% macro csv_text(text) -%}
    case
        when regexp_matches({{ text }}, '[",\r\n]')
            then '"' || replace({{ text }}, '"', '""') || '"'
        else {{ text }}
    end
{%- endmacro %}
