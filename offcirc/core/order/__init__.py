"""In which order things happened, across desks and their clocks.

Here: timeline, contests within a minute, corrections of clocks. Not here: which lines may be sent
side by side (upload.replay).
"""
