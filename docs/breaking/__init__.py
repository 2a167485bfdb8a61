"""The pages of the rules of compatibility, as data of the package."""
