"""What the window has done in other threads, and the facts it brings back.

Here: functions that may take long and know no widget. Not here: pages, models (the steps), or the
work itself (upload).
"""
