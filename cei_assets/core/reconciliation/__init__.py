"""A client's own export against what is stored: missing, extra, different, moved in time.

Reading files, the clock and the stored rows themselves belong to the callers.
"""
