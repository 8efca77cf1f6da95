"""The frame of the command line: grammar, output, exit codes, errors, the ledger opened.

Here: what all commands share. Not here: a command.
"""
