"""Timings that are recorded, never asserted."""
