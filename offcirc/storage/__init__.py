"""What is kept on disk: journal, OffCirc.dat, fallback place, copies, upload ledger, lock."""
