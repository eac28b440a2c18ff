"""Pooling: each window of each map reduced to one number; maxout pools across maps."""
