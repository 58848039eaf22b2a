"""The CSI-Thermal programme, pure: rules on uploads, calendar, ledger of submissions.

Judges bytes, forms and histories handed in; reads no file and no clock. Payments are SQL (dbt).
"""
