"""The referent's window."""
