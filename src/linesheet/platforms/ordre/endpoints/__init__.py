"""What ORDRE calls on us (sheet ordre.md 6)."""
