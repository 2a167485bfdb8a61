"""What callers of a verb rely on, and which changes of it they would notice."""
