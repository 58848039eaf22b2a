{# Start of the first interval that starts at or after an instant; intervals lie on the UTC grid. #}
{% macro next_interval(utc, seconds) -%}
    make_timestamp(
        cast(ceil(epoch_us({{ utc }}) / ({{ seconds }} * 1000000)) as bigint)
        * {{ seconds }} * 1000000
    )
{%- endmacro %}

{# Start of the last interval that starts at or before an instant: the end of the last that ended. #}
{% macro last_interval(utc, seconds) -%}
    make_timestamp(epoch_us({{ utc }}) - epoch_us({{ utc }}) % ({{ seconds }} * 1000000))
{%- endmacro %}

{# Number of whole intervals between two instants of the grid; none when they are out of order. #}
{% macro interval_count(start_utc, end_utc, seconds) -%}
    cast(greatest(
        0, (epoch_us({{ end_utc }}) - epoch_us({{ start_utc }})) // ({{ seconds }} * 1000000)
    ) as bigint)
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
