"""The desk's blue window."""
