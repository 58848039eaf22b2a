"""What `cei init` writes for CDS customer data: servers, a worked example, a section."""

SERVERS_FILE = "cds_servers.toml"
SERVERS_TEMPLATE = """\
# Servers of CDS customer data that `cei pull cds` asks. Remove the marks # before an entry, and
# fill it in; docs/cds_pull.md has all its keys.
# No secret belongs here: that of [example-utility] is read from the environment variable
# CEI_CDS_EXAMPLE_UTILITY_SECRET.
#
# [example-utility]
# metadata_url = "https://utility.example/.well-known/cds-server-metadata.json"
# client_id = "the client id of your registration"
# scopes = ["cds_query_usage_1"]
# timezone = "America/New_York"
"""

# A meter that was replaced, and what another one delivers to the grid.
EXAMPLE_ROWS: dict[str, tuple[str, ...]] = {
    "cds_meters": (
        "example-utility,meter_device,M-1001,acme-turin,main,forward,,2026-04-14",
        "example-utility,meter_device,M-2002,acme-turin,main,forward,2026-04-15,",
        "file,service_point,SP-77,acme-turin,chiller,,,",
    ),
}

INTRODUCTION = """\
# Customer data of CDS servers

Only for installations that take customer data of the Connected Data Specification, pulled from the
servers in `cds_servers.toml` or dropped into `landing/cds`.

- `cds_meters.csv` says which of a server's things stands for which meter of `meters.csv`. What no
  row maps is kept all the same; the table rpt_cds_unmapped has the lines to add.
- `cds_server` is the server's name in `cds_servers.toml`; files that were dropped are of `file`.
- Where a meter was replaced, end the row of the old one with `mapped_to`.
"""
