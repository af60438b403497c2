"""Points: counterexamples and witnesses, exact or enclosed."""
