"""What `check` says: in the terminal, as JSON, SARIF or an annotated copy."""
