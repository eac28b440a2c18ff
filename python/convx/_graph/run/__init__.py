"""Graphs that run: what each node needs is made once, memory once for each shape of the inputs."""
