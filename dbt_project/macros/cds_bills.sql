{#
    When a bill and the meters agree: within 2 % of the billed energy or within 1 kWh, whichever is
    more. The only place that holds these numbers. Bills round to whole kWh, read at some hour of
    the day, and correct for losses; 2 % is the accuracy of an ordinary meter (class 2 of
    IEC 62053-21).
#}
{% macro bill_tolerance() -%}
    {{ return({'percent': 2, 'kwh': 1}) }}
{%- endmacro %}

{# Share of a bill's days that intervals have to cover before the two are compared. #}
{% macro bill_min_covered_share() -%}
    {{ return(0.99) }}
{%- endmacro %}

{# Whether two amounts of energy agree; multiplied out, since DuckDB divides decimals in binary. #}
{% macro bill_agrees(billed, difference) -%}
    {%- set tolerance = bill_tolerance() -%}
    (
        abs({{ difference }}) <= {{ tolerance.kwh }}
        or abs({{ difference }}) * 100 <= abs({{ billed }}) * {{ tolerance.percent }}
    )
{%- endmacro %}

{#
    First instant of a local day as UTC, tried with the offsets that can hold there. Where the clock
    goes back over midnight the first of the two midnights counts; where it jumps over midnight no
    candidate reads 00:00 and the first instant after the jump counts (as in int_zone_days).
#}
{% macro local_day_start_utc(date, zone) -%}
    {%- set midnight = 'cast(' ~ date ~ ' as timestamp)' -%}
    {%- set before = utc_offset_seconds(midnight ~ ' - interval 1 day', zone) -%}
    {%- set after = utc_offset_seconds(midnight ~ ' + interval 1 day', zone) -%}
    {%- set early = '(' ~ midnight ~ ' - to_seconds(greatest(' ~ before ~ ', ' ~ after ~ ')))' -%}
    {%- set late = '(' ~ midnight ~ ' - to_seconds(least(' ~ before ~ ', ' ~ after ~ ')))' -%}
    case
        when cast({{ early }} + to_seconds({{ utc_offset_seconds(early, zone) }}) as date)
            = cast({{ date }} as date) then {{ early }}
        else {{ late }}
    end
{%- endmacro %}

{# Energy from which on a value is no measurement; sums of what is below cannot overflow. #}
{% macro largest_energy_kwh() -%}
    1000000000000
{%- endmacro %}

{# The same of money. #}
{% macro largest_amount() -%}
    1000000000000000
{%- endmacro %}

{#
    The part of an interval's energy that lies in `part` of its `whole` microseconds, to the 15th
    place, halves away from zero; what is wholly inside stays as it is. Of intervals of at most an
    hour, and of less than the largest energy, the product stays below 1e37.
#}
{% macro part_of_energy(energy, part, whole) -%}
    case
        when {{ part }} = {{ whole }} then {{ energy }}
        else cast(
            cast(
                (
                    2 * {{ quadrillionths(energy) }} * {{ part }}
                    + cast(sign({{ energy }}) as hugeint) * {{ whole }}
                ) // (2 * {{ whole }}) as decimal(38, 0)
            ) * cast(0.000000000000001 as decimal(15, 15)) as decimal(38, 15)
        )
    end
{%- endmacro %}

{# A DECIMAL(38,15) as a whole number of its last place. #}
{% macro quadrillionths(value) -%}
    (
        cast(trunc({{ value }}) as hugeint) * 1000000000000000
        + cast(({{ value }} - trunc({{ value }})) * 1000000000000000 as hugeint)
    )
{%- endmacro %}

{# A part of a whole number as a decimal of 6 places, cut off: 1 is only what is whole. #}
{% macro share_of(part, whole) -%}
    cast(
        cast(
            cast({{ part }} as hugeint) * 1000000 // nullif(cast({{ whole }} as hugeint), 0)
            as decimal(18, 0)
        ) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6)
    )
{%- endmacro %}

{#
    A difference in percent of an amount, to the 4th place, halves away from zero; empty for no
    amount and for what is beyond 1e14 %.
#}
{% macro percent_of(difference, amount) -%}
    case
        when abs({{ amount }}) >= 0.000001 then try_cast(
            cast(
                (
                    2 * cast(cast({{ difference }} as decimal(38, 6)) * 1000000 as hugeint)
                    * 1000000
                    + cast(sign({{ difference }}) as hugeint)
                    * cast(cast(abs({{ amount }}) as decimal(38, 6)) * 1000000 as hugeint)
                ) // (2 * cast(cast(abs({{ amount }}) as decimal(38, 6)) * 1000000 as hugeint))
                as decimal(38, 0)
            ) * cast(0.0001 as decimal(4, 4)) as decimal(18, 4)
        )
    end
{%- endmacro %}
