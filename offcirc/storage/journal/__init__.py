"""The journal: every loan and return of this desk, on the disk before anything says so.

Here: journal.db, its layout, its rows and its bookkeeping. Not here: OffCirc.dat (dat), and what
to do when the journal cannot be written (keeper).
"""
