"""Local stand-ins for wholesale platforms, for tests, demos and training."""
