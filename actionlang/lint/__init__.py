"""Lints: what a correct script says that its owner hardly meant."""
