"""Warehouses built by real dbt runs, once for all tests that look at them."""
