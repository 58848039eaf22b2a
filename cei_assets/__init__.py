"""cei_assets: from a factory's meter readings to a savings claim that an auditor accepts."""
