"""ORDRE's sandbox, as the demo and the tests drive it."""
