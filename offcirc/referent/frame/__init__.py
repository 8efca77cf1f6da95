"""The frame of the referent's window: header, steps, band, next bar, what follows what.

Here: what all steps share on the screen. Not here: the steps themselves.
"""
