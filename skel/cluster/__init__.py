"""A real control plane with simulated nodes, on this machine alone."""
