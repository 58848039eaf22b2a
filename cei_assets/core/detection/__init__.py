"""Rules that flag hours of waste against a counterfactual or an attainable level.

NumPy in, NumPy out; no fitting of baselines, no totals and no money.
"""
