"""How well baselines predict hours they have not seen: splits, models, scores, comparisons.

Frames in, rows out; no file, no clock. Fitting itself is in `core.baseline`.
"""
