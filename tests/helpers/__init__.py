"""What several rooms' tests share."""

from helpers.checkout import TOP, project_files, raw
from helpers.waiting import wait_until

__all__ = ["TOP", "project_files", "raw", "wait_until"]
