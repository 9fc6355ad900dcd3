"""Starts the real server on a chosen storage and drives it with real clients."""
