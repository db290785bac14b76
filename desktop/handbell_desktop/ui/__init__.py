"""What the person sees. Everything in here shows and asks; what happens is decided outside, in plain Python."""
