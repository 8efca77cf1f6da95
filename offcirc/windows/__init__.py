"""What both windows wear: their type, their signs, the program's icon, Qt's own words.

Here: what desk and uploader share on the screen. Not here: a window.
"""
