"""Bringing events from the outbox to those who subscribed to them."""
