"""Plan, replay, report: from the desks' files to the library system and back."""
