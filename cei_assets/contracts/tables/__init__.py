"""Tables by layer: their columns, grain and references. No column is defined here.

Staging and intermediate models stand in `dbt_models`; a column's meaning stands in `fields`.
"""
