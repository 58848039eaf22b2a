"""CDS customer data, pure: bytes of a file to exact typed rows, findings and rejects.

Reads no file and no clock, resolves no versions: that is the work of whoever holds the history.
"""
