"""Floor 2: a pilot factory with known truth, as the files that a real one would send.

Physics, injected waste, drops and the comparison with what was found; no rule of the platform.
"""
