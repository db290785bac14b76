"""What happens by itself: dispatches, expiry, snoozes that end, retention, webhooks, e-mail. One module per duty."""
