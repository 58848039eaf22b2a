"""What the gateway remembers: tokens, idempotency keys, rate windows, journal positions.

Here: tables and statements, on SQLite or PostgreSQL. Not here: readings, HTTP.
"""
