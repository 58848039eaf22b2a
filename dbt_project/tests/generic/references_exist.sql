{% test references_exist(model, column_names, to, scope) %}

select distinct {{ column_names | join(', ') }}
from {{ model }} as tested
anti join {{ to }} using ({{ column_names | join(', ') }})
where {{ rows_in_scope('tested', scope) }}

{% endtest %}
