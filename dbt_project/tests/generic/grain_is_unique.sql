{% test grain_is_unique(model, column_names, scope) %}

select {{ column_names | join(', ') }}, count(*) as row_count
from {{ model }} as tested
where {{ rows_in_scope('tested', scope) }}
group by {{ column_names | join(', ') }}
having count(*) > 1

{% endtest %}
