"""This computer, each part of a platform behind an interface that may say no."""
