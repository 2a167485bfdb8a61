"""The pages of the error codes, as data of the package."""
