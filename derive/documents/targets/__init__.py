"""What documents are written in, and what each of these asks for."""
