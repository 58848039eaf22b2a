"""Counterfactuals: site matrices, TOWT and its fallbacks, fit quality, sufficiency.

Arrow or NumPy in, NumPy out; nothing here decides what is waste.
"""
