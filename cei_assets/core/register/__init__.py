"""The register: text of its CSV files to validated tables and findings, and what follows from it.

Pure: reading the files and storing the tables is `storage.register`'s.
"""
