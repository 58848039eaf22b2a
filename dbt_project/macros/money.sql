{#
    Energy of one hour as a decimal: sums do not depend on the order of rows, and money is never
    computed in binary floating point.
#}
{% macro decimal_kwh(energy) -%}
    cast({{ energy }} as decimal(18, 6))
{%- endmacro %}

{# Sum of modelled hourly energy. #}
{% macro sum_kwh(energy) -%}
    cast(sum({{ decimal_kwh(energy) }}) as double)
{%- endmacro %}

{#
    Cost of hours in the tariff of each; empty when an hour has no price or the hours have several
    currencies, because a sum over the rest would look like the whole.
#}
{% macro sum_cost(energy, price='price_per_kwh', currency='currency') -%}
    cast(
        case
            when {{ is_priced(price, currency) }} then sum({{ decimal_kwh(energy) }} * {{ price }})
        end as decimal(18, 2)
    )
{%- endmacro %}

{% macro is_priced(price='price_per_kwh', currency='currency') -%}
    count({{ price }}) = count(*) and min({{ currency }}) = max({{ currency }})
{%- endmacro %}

{# The hours' one currency; empty where their cost is. #}
{% macro sum_currency(price='price_per_kwh', currency='currency') -%}
    case when {{ is_priced(price, currency) }} then min({{ currency }}) end
{%- endmacro %}

{# Greenhouse gases of hours; empty when an hour has no factor. #}
{% macro sum_kgco2e(energy, factor='kgco2e_per_kwh') -%}
    cast(
        case
            when count({{ factor }}) = count(*)
                then sum({{ decimal_kwh(energy) }} * cast({{ factor }} as decimal(9, 6)))
        end as double
    )
{%- endmacro %}
