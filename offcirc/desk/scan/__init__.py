"""Keys to scans at the window: every key is watched, every scan whole or refused.

Here: the whole window as scan target, held keys, pace, what a finished field means. Not here:
decoding without a window (scanning), recording (shop).
"""
