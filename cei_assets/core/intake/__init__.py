"""From bytes to verdict: reading drops of every format, and the one judge of their rows.

No path and no clock: streams, register, receipt and limits are passed in.
"""
