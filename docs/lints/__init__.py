"""The pages of the lints, as data of the package."""
