with lines as (
    select
        object_version_id,
        count(*) filter (where not is_total) as line_count,
        coalesce(
            bool_and(abs(detail_cost) < {{ largest_amount() }}) filter (where not is_total), false
        )
        and count(detail_cost) filter (where not is_total) = line_count as are_lines_known,
        sum(detail_cost) filter (
            where not is_total and abs(detail_cost) < {{ largest_amount() }}
        ) as lines_amount
    from {{ ref('int_cds_bill_line_items') }}
    group by object_version_id
),

-- totals of a section overlap, so only the one over everything is taken, and only if it is one
totals as (
    select
        object_version_id,
        case when min(detail_cost) = max(detail_cost) then min(detail_cost) end as section_total
    from {{ ref('int_cds_bill_cost_details') }}
    where contains(string_split(coalesce(part_types, ''), ','), 'overall_total')
    group by object_version_id
)

select
    sections.cds_server,
    sections.cds_billsection_id,
    sections.cds_billstatement_id,
    sections.cds_account_id,
    sections.account_number,
    sections.section_types,
    sections.section_start_date,
    sections.section_end_date,
    sections.currency,
    totals.section_total,
    coalesce(lines.line_count, 0) as line_count,
    cast(case when lines.are_lines_known then lines.lines_amount end as decimal(38, 12))
        as lines_amount,
    cast(
        case
            when lines.are_lines_known and abs(totals.section_total) < {{ largest_amount() }}
                then totals.section_total - lines.lines_amount
        end as decimal(38, 12)
    ) as section_difference,
    sections.distribution_entity,
    sections.supply_entity,
    sections.service_programs,
    sections.cds_created_utc,
    versions.cds_modified_utc,
    {{ cds_version_columns() }}
from {{ ref('int_cds_bill_sections') }} as sections
inner join {{ ref('int_cds_object_versions') }} as versions using (object_version_id)
left join lines using (object_version_id)
left join totals using (object_version_id)
where versions.is_current
