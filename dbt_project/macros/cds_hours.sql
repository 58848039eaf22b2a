{#
    Intervals of at most an hour cut at the full hours of UTC, exactly as core/cds/hours.py does:
    of a value across an hour the first part is rounded half up to its last place, the second is
    the rest, so that sums agree to the last digit.

    `rows` is a CTE, not materialized since it is read twice, with interval_start_utc and
    cds_interval_end_utc; `amounts` the columns to be cut with their decimal places. Yields the
    columns of `rows`, of the amounts the part, and cds_hour_start_utc, overlap_us and is_split.
#}
{% macro pieces_of_hours(rows, amounts={}) -%}
    select
        * exclude (last_hour_utc, length_us),
        length_us as overlap_us,
        false as is_split
    from ({{ hours_touched(rows) }}) as whole
    where cds_hour_start_utc = last_hour_utc
    union all by name
    select
        * exclude (last_hour_utc, length_us, head_us, is_head)
        replace (
            case when is_head then cds_hour_start_utc else last_hour_utc end
                as cds_hour_start_utc
            {%- for name, places in amounts.items() -%}
            {%- set head = part_of_decimal(name, 'head_us', 'length_us', places) %},
            case when is_head then {{ head }} else {{ name }} - {{ head }} end as {{ name }}
            {%- endfor %}
        ),
        case when is_head then head_us else length_us - head_us end as overlap_us,
        true as is_split
    from (
        select
            *,
            epoch_us(last_hour_utc) - epoch_us(interval_start_utc) as head_us,
            unnest([true, false]) as is_head
        from ({{ hours_touched(rows) }}) as touched
        where cds_hour_start_utc <> last_hour_utc
    ) as cut
{%- endmacro %}

{% macro hours_touched(rows) -%}
    select
        *,
        date_trunc('hour', interval_start_utc) as cds_hour_start_utc,
        date_trunc('hour', cds_interval_end_utc - interval 1 microsecond) as last_hour_utc,
        epoch_us(cds_interval_end_utc) - epoch_us(interval_start_utc) as length_us
    from {{ rows }}
{%- endmacro %}

{#
    A decimal times part / whole (integers), rounded half up to its own places. Quotient and
    remainder keep 38 digits times microseconds within 128 bits.
#}
{% macro part_of_decimal(value, part, whole, places) -%}
    {%- set unscaled = digits_of_decimal(value) -%}
    {%- set rest = remainder(unscaled, whole) -%}
    {%- set head -%}
        (({{ unscaled }} - {{ rest }}) // {{ whole }} * {{ part }}
        + (2 * {{ rest }} * {{ part }} + {{ whole }}) // (2 * {{ whole }}))
    {%- endset -%}
    {{ decimal_of_digits(head, places) }}
{%- endmacro %}

{#
    Aggregate: decimals weighted by integers, over `whole`, the sum of these, rounded half-even to
    the decimals' places. Sums of quotients and of remainders stay within 128 bits; `whole` has one
    value in a group.
#}
{% macro weighted_mean_of_decimal(value, weight, whole, places) -%}
    {%- set unscaled = digits_of_decimal(value) -%}
    {%- set rest = remainder(unscaled, whole) -%}
    {%- set over = 'any_value(' ~ whole ~ ')' -%}
    {%- set rests = 'sum(' ~ rest ~ ' * ' ~ weight ~ ')' -%}
    {%- set floor -%}
        (sum(({{ unscaled }} - {{ rest }}) // {{ whole }} * {{ weight }}) + {{ rests }} // {{ over }})
    {%- endset -%}
    {%- set mean -%}
        (
            {{ floor }}
            + case
                when 2 * ({{ rests }} % {{ over }}) > {{ over }} then 1
                when 2 * ({{ rests }} % {{ over }}) = {{ over }} then abs({{ floor }} % 2)
                else 0
            end
        )
    {%- endset -%}
    {{ decimal_of_digits(mean, places) }}
{%- endmacro %}

{# All digits of a decimal as an integer. #}
{% macro digits_of_decimal(value) -%}
    cast(replace(cast({{ value }} as varchar), '.', '') as hugeint)
{%- endmacro %}

{# The integer whose last `places` digits are those after the point, as a decimal. #}
{% macro decimal_of_digits(digits, places) -%}
    {%- set one = '1' ~ '0' * places -%}
    (
        cast({{ digits }} // {{ one }} as decimal(38, {{ places }}))
        + cast({{ digits }} % {{ one }} as decimal({{ places }}, 0))
        * cast('0.{{ '0' * (places - 1) }}1' as decimal({{ places + 1 }}, {{ places }}))
    )
{%- endmacro %}

{# What is left of an integer of any sign by a positive one, never negative. #}
{% macro remainder(integer, whole) -%}
    (({{ integer }} % {{ whole }} + {{ whole }}) % {{ whole }})
{%- endmacro %}

{# Microseconds as seconds with six places. #}
{% macro microseconds_as_seconds(microseconds) -%}
    cast(
        cast({{ microseconds }} as decimal(18, 0)) * cast('0.000001' as decimal(7, 6))
        as decimal(18, 6)
    )
{%- endmacro %}
