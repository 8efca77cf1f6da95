"""The step of uploading: server, sign-in, preview, the run, files for Alma.

Here: page, controller and work of the step. Not here: the engine (upload.replay).
"""
