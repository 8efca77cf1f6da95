"""Copies of OffCirc.dat for the referent, with manifests and receipts.

Here: what leaves the desk's own folder or comes back to it. Not here: how collected files are
read and planned (upload.lines).
"""
