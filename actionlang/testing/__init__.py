"""Running the tests that scripts hold: each on a private store in memory, with a fixed clock and fixed ids."""
