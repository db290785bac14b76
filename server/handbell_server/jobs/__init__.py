"""What happens by itself: dispatches, expiry, snoozes that end, retention, webhooks. One module per duty."""
