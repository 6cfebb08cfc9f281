"""ORDRE: a platform that calls the hub (sheet ordre.md 6)."""
