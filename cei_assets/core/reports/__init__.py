"""Reports for people: tables and their queries in, HTML text out.

Pure rendering; reading the published marts and writing the files stand in `storage`.
"""
