"""Usual mistakes of a document: what is often written, and a point at which it is wrong."""
