"""Where metadata comes from other than from scripts: databases that are there already, and documents that describe tables."""
