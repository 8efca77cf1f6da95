"""What wine is no judge of: each with its reason. On Windows itself the lists do not count."""

NOT_JUDGED_TRIALS: dict[str, str] = {}
"""By the name of the trial."""

NOT_JUDGED: dict[str, str] = {}
"""By a part of the test's name."""
