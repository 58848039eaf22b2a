"""Floor 5: the `cei` command. Parses, prints, and calls the floors below.

dagster, dbt and Great Expectations are imported inside the commands that run them.
"""
