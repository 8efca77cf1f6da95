"""What every part of the upload stands on: progress, control, patience, errors, safe cells.

Here: small things without knowledge of files, servers or reports. Not here: anything that is used
by one room only.
"""
