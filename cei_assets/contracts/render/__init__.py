"""Contracts in the forms that other tools read: Arrow, pandera, dbt YAML, documentation.

A renderer turns a declaration into a schema or a text; it declares nothing and reads no data.
"""
