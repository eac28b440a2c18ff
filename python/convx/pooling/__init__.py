"""Pooling: per map over one, two and three spatial axes, and across maps. One idea to a file."""
