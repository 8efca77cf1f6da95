"""A simulated town: libraries, desks, two days of outage, and what really happened there."""
