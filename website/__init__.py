"""The documentation as a site, and the pages of docs/ that are made from something else."""
