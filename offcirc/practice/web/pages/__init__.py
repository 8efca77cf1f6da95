"""The pages of the practice server: a module for each family, and the frame they all stand in.

Here: who may see what, forms read, pages rendered. Not here: what an act does (practice.acts).
"""
