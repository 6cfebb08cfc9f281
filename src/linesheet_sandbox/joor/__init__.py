"""JOOR's stand-in: one brand account under API v2 and API v4."""
