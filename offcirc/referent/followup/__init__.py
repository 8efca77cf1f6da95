"""The step of the follow-up: the work list and one task of it.

Here: page, model, controller and work of the step. Not here: what a task is (upload.followup).
"""
