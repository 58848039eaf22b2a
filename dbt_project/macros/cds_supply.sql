{#
    Whether the kinds of a set are all of the energy that they describe, give or take a hundredth
    (as core/cds/shares.py): shares are rounded when they are published. By energy, so that shares
    and stated amounts are alike; without described energy by the shares.
#}
{% macro is_whole_mix(of_set) -%}
    case
        when any_value(described_kwh) is null
            then
                count(share) filter (where {{ of_set }}) = count(*) filter (where {{ of_set }})
                and abs(sum(share) filter (where {{ of_set }}) - 1) <= 0.01
        when abs(any_value(described_kwh)) < 1000000000000000000
            then
                count(supplied_kwh) filter (where {{ of_set }})
                = count(*) filter (where {{ of_set }})
                and abs(
                    sum(supplied_kwh) filter (where {{ of_set }})
                    - cast(any_value(described_kwh) as decimal(38, 12))
                ) * 100 <= abs(cast(any_value(described_kwh) as decimal(38, 12)))
    end
{%- endmacro %}

{#
    Grams of an hour: those of the mix, and the rest of the energy times the factor. Below a billion
    MWh; energy counts to the microwatt hour there, so that the product stays within 38 digits.
#}
{% macro emissions_of_hour() -%}
    cast(
        coalesce(mix_g, 0)
        + cast(
            case
                when rest_kwh = 0 then 0
                else cast(rest_kwh as decimal(21, 9)) * cast(factor_grams as decimal(15, 9))
            end
            as decimal(38, 12)
        )
        as decimal(38, 12)
    )
{%- endmacro %}
