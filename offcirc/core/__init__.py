"""The trade's rules: no Qt, no files, no network; time is passed in."""
