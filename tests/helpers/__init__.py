"""What several rooms' tests share."""

from helpers.checkout import TOP, project_files
from helpers.waiting import wait_until

__all__ = ["TOP", "project_files", "wait_until"]
