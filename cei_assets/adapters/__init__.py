"""Floor 2: public data sets turned into an ordinary register and ordinary drops.

Nothing downstream knows of them; no value is invented, changed or filled.
"""
