"""What the records of runs tell an operator: trails, the chain that seals them, undoing, how long they are kept."""
