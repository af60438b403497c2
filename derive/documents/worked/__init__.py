"""Worked examples: what a document derives, with numbers."""
