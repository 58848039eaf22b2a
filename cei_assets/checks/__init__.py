"""Floor 3: data against contract and rules, answered with a verdict.

No dagster, no judgement of single rows (that is intake's), no repair.
"""
