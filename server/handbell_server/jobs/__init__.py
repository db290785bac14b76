"""What happens by itself: dispatches, expiry, snoozes that end, retention. One module per duty, `upkeep.py` runs them."""
