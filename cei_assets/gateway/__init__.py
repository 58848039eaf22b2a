"""The HTTP service: batches and uploads in, readings back, tokens.

Here: routes, access, durable acceptance. Not here: rules of records (core/intake), dagster, dbt.
"""
