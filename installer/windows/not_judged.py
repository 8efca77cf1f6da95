"""What wine is no judge of: each with its reason. On Windows itself the lists do not count."""

NOT_JUDGED_TRIALS: dict[str, str] = {}
"""By the name of the trial."""

SAID_BY_WINE = "Dpi"
"""A warning of Qt's at every window, because wine 8 knows no scaling for each screen: not heard."""

NOT_JUDGED: dict[str, str] = {
    "test_swap.py::test_of_a_link_": "wine 8 does not say where a symbolic link leads",
    "test_a_link_to_settings_that_are_gone": "wine 8 says of no link that it is one",
    "test_an_offcirc_dat_that_is_a_link_to_nowhere": "wine 8 says of no link that it is one",
    "test_what_is_made_in_it_is_closed_too": "wine gives new files no rights of their folder",
}
"""By a part of the test's name."""
