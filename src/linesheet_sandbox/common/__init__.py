"""Machinery every sandbox shares: server, faults, limits, journal, control API, store and clock."""
