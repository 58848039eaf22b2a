{#
    Condition: a whole listing of usage segments had to show a segment and did not. It began after
    the segment was last seen, and its window overlaps the segment; what only touches the window
    is not missed, since a server may take its edges as excluded.
#}
{% macro misses_segment(listing, last_seen_utc, start_utc, end_utc) -%}
    (
        {{ listing }}.object_kind = 'usage_segments'
        and {{ listing }}.listing_began_utc > {{ last_seen_utc }}
        and {{ start_utc }} < coalesce({{ listing }}.window_until_utc, timestamp 'infinity')
        and {{ end_utc }} > coalesce({{ listing }}.window_since_utc, timestamp '-infinity')
    )
{%- endmacro %}
