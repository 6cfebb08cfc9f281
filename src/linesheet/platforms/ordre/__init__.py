"""ORDRE: it collects customers and products from us, and hands its orders to us (sheet ordre.md)."""
