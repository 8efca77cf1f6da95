"""One module per library system, behind one protocol."""
