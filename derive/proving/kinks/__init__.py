"""What equations say at kinks: distributions and one-sided limits."""
