{#
    Exact arithmetic on displaced fuel. DuckDB's `/` on decimals yields a DOUBLE, and a product of
    decimals keeps at most 38 digits, so a quantity is a difference of two fractions of whole
    numbers (HUGEINT, below 1.7e38) that is rounded once.

    What an upload can hold stays inside: a month has at most 2976 values, of at most 9.3e18 BTU
    or 1e16 therms or kWh, which makes numerators of at most 2.8e35 and 1.1e38. The denominators
    are below 3.5e15 and 1e16 + 1. From efficiencies of 0.01 on the quantity keeps within
    DECIMAL(28,4), with rates of up to 10,000 USD the amount keeps within DECIMAL(28,2). Beyond
    that DuckDB refuses to compute; nothing wraps around.
#}

{#
    `n1`/`d1` - `n2`/`d2` to the nearest whole number, halves up, and never below 0; all four are
    HUGEINT, the denominators and `n2` not negative. The whole parts are taken out first, so that
    no product exceeds twice that of the denominators.
#}
{% macro half_up_difference(n1, d1, n2, d2) -%}
    {%- set nearest -%}
        {{ n1 }} // {{ d1 }} - {{ n2 }} // {{ d2 }} - 1
        + (
            2 * (({{ n1 }} % {{ d1 }}) * {{ d2 }} - ({{ n2 }} % {{ d2 }}) * {{ d1 }})
            + 3 * {{ d1 }} * {{ d2 }}
        ) // (2 * {{ d1 }} * {{ d2 }})
    {%- endset -%}
    {#- greatest() would make 0 of a missing value -#}
    case when {{ nearest }} < 0 then cast(0 as hugeint) else {{ nearest }} end
{%- endmacro %}

{# Ten thousandths as a decimal of 4 places. #}
{% macro ten_thousandths(whole) -%}
    cast(cast({{ whole }} as decimal(38, 0)) * cast(0.0001 as decimal(4, 4)) as decimal(28, 4))
{%- endmacro %}

{# A DECIMAL(38,12) as a whole number of its last place. #}
{% macro trillionths(value) -%}
    (
        cast(trunc({{ value }}) as hugeint) * 1000000000000
        + cast(({{ value }} - trunc({{ value }})) * 1000000000000 as hugeint)
    )
{%- endmacro %}

{#
    Factors of specification section 4: a therm is 100,000 BTU, a kWh 3412.142 BTU, fuel is heat
    over efficiency. They yield ten thousandths of the quantity's unit as a fraction: heat is a
    whole number of BTU, the efficiency a whole number of millionths, the back-up reading one of
    trillionths of its unit.
#}
{% macro heat_numerator(heat_btu, unit) -%}
    cast({{ heat_btu }} as hugeint)
    * case {{ unit }} when 'therm' then 100000 else 10000000000000 end
{%- endmacro %}

{% macro heat_denominator(efficiency, unit) -%}
    cast({{ efficiency }} * 1000000 as hugeint)
    * case {{ unit }} when 'therm' then 1 else 3412142 end
{%- endmacro %}

{% macro backup_numerator(reading, backup_type, unit) -%}
    {{ trillionths(reading) }}
    * case when {{ backup_type }} = 'electric' and {{ unit }} = 'therm' then 3412142 else 1 end
{%- endmacro %}

{% macro backup_denominator(backup_type, unit) -%}
    cast(
        case
            when ({{ backup_type }} = 'electric') = ({{ unit }} = 'kWh') then 100000000
            when {{ unit }} = 'kWh' then 3412142
            else 10000000000000000
        end as hugeint
    )
{%- endmacro %}

{# Energy content of a back-up reading, exact to the 12th place. #}
{% macro backup_btu(reading, backup_type) -%}
    case
        when {{ backup_type }} = 'electric'
            then cast(trunc({{ reading }}) * 3412.142 as decimal(38, 12))
                + cast(({{ reading }} - trunc({{ reading }})) * 3412.142 as decimal(38, 12))
        else cast({{ reading }} * 100000 as decimal(38, 12))
    end
{%- endmacro %}
