"""Asset checks."""

CHECKS: list = []
GATE_CHECKS: list = []
